import { type ComponentSpec, isEvasion } from '@rampart/core';
import { isAttack, type MadeWith, madeWith, possibleErrors } from '@rampart/reports';
import {
  type CellMode,
  type CellRecord,
  type InstanceOutcome,
  type InstanceRecord,
  type RunSummary,
  specOf,
  type Store,
} from '@rampart/results';

import { attackLoss } from './attack-loss';
import { figureOf, type MatrixFigure } from './matrix';

/** A metric of a cell. */
export interface CellFigure extends MatrixFigure {
  readonly metric: string;
  readonly unit: string;
}

/** What one seed has to say about a cell. */
export interface CellSeed {
  readonly seed: number;
  readonly evaluateStep: string;
  readonly attackStep: string | undefined;
  /** What the evaluation and the attack are called in the plan, and the seconds they took. */
  readonly steps: readonly { readonly label: string; readonly seconds: number }[];
  /** How many attacked instances each outcome has. */
  readonly outcomes: Readonly<Record<InstanceOutcome, number>>;
}

/** Everything behind one cell of the matrix. */
export interface CellDetails {
  readonly model: string;
  readonly attack: string;
  readonly mode: CellMode;
  /** Undefined for the label of a model that was swapped in. */
  readonly modelSpec: ComponentSpec | undefined;
  readonly attackSpec: ComponentSpec | undefined;
  readonly figures: readonly CellFigure[];
  readonly seeds: readonly CellSeed[];
  /** Share of the attacked instances that had evaded after so many iterations, over all seeds. */
  readonly convergence: readonly { readonly iterations: number; readonly evaded: number }[];
  /** The mean loss of the attack after so many evaluations of the model, as `LossTrace` of core defines it. */
  readonly losses: readonly (readonly [evaluations: number, loss: number])[];
  /** Versions of what made the cell: its model, the examples, the figures. */
  readonly madeWith: readonly MadeWith[];
  /** Counts of evading instances by distortion, in equal bins. */
  readonly distortions: readonly { readonly from: number; readonly to: number; readonly count: number }[];
}

const POINTS = 100;
const BINS = 24;

/** Undefined where the run has no such cell. */
export async function cellDetails(
  store: Store,
  run: RunSummary,
  { model, attack, mode }: Pick<CellRecord, 'model' | 'attack' | 'mode'>,
): Promise<CellDetails | undefined> {
  const cells = await store.cells.ofRun(run.id, { model, attack, mode });
  if (cells.length === 0) return undefined;
  const clean = mode === 'clean' ? [] : await store.cells.ofRun(run.id, { model, mode: 'clean' });
  const most = possibleErrors([...cells, ...clean]);
  const metrics = [...new Set(cells.map((cell) => cell.metric))];
  const seeds: CellSeed[] = [];
  const instances: InstanceRecord[] = [];
  const models = (await store.models.ofRun(run.id)).filter((one) => one.label === model);
  const made = await store.steps.findAll([...new Set(models.flatMap(({ step, parents }) => [...parents, step]))]);
  for (const cell of cells.filter((one) => one.metric === metrics[0])) {
    const { seed, evaluateStep, attackStep } = cell;
    const keys = attackStep === undefined ? [evaluateStep] : [attackStep, evaluateStep];
    const [records, outcomes, own] = await Promise.all([
      store.steps.findAll(keys),
      store.instances.counts([evaluateStep]),
      isAttack(attack) ? store.instances.ofStep(evaluateStep) : [],
    ]);
    const steps = keys.flatMap((key) => records.filter((record) => record.key === key));
    instances.push(...own);
    made.push(...steps);
    seeds.push({
      seed,
      evaluateStep,
      attackStep,
      outcomes,
      steps: steps.map(({ label, seconds }) => ({ label, seconds })),
    });
  }
  return {
    model,
    attack,
    mode,
    modelSpec: specOf(model),
    attackSpec: specOf(attack),
    figures: metrics.map((metric) => {
      const own = cells.filter((cell) => cell.metric === metric);
      return { metric, unit: own[0]!.unit, ...figureOf(own, run.published, most)! };
    }),
    seeds,
    convergence: convergenceOf(instances),
    losses: await attackLoss(store, run, { model, attack, mode }),
    madeWith: madeWith(made),
    distortions: distortionsOf(instances),
  };
}

/** A step curve of at most about a hundred points. */
export function convergenceOf(instances: readonly InstanceRecord[]): CellDetails['convergence'] {
  const evaded = instances.filter(isEvaded).map((instance) => instance.iterations);
  if (evaded.length === 0) return [];
  evaded.sort((a, b) => a - b);
  const points: { iterations: number; evaded: number }[] = [{ iterations: 0, evaded: 0 }];
  for (let i = 0; i < evaded.length; i++) {
    if (evaded[i] === evaded[i + 1]) continue;
    points.push({ iterations: evaded[i]!, evaded: (i + 1) / instances.length });
  }
  return thinned(points);
}

function distortionsOf(instances: readonly InstanceRecord[]): CellDetails['distortions'] {
  const values = instances.filter(isEvaded).map((instance) => instance.distortion);
  if (values.length === 0) return [];
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  if (largest === 0) return [];
  const width = largest / BINS;
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) counts[Math.min(BINS - 1, Math.floor(value / width))]!++;
  return counts.map((count, bin) => ({ from: bin * width, to: (bin + 1) * width, count }));
}

function isEvaded(instance: InstanceRecord): boolean {
  return isEvasion(instance.predictionAfter, instance.label) && instance.predictionBefore === instance.label;
}

/** Every n-th point, and the last. */
export function thinned<T>(points: readonly T[], most = POINTS): T[] {
  const every = Math.ceil(points.length / most);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}
