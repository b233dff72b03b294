import { decodeLossPaths, type LossPoint, type NormName, NORMS, softmax } from '@rampart/core';
import type { InstanceRecord, StepRecord, Store } from '@rampart/results';

import { artifact, type AttackedRow } from './shown-samples';

/** What a model makes of one class, before and after the attack. */
export interface ClassJudgement {
  /** An index into the classes. */
  readonly label: number;
  readonly logits: readonly [before: number, after: number];
  /** Softmax over all classes. */
  readonly probabilities: readonly [before: number, after: number];
}

/** What is known of an attacked instance besides its row in the store. */
export interface InstanceDetails {
  /** From the original, in the units of the box; l0 counts the features that differ. */
  readonly distances: Readonly<Record<NormName, number>>;
  /** Of the true class and those that count the most, in their order; undefined in older results. */
  readonly classes: readonly ClassJudgement[] | undefined;
  /** Classes that are left out of `classes`. */
  readonly otherClasses: number;
  /**
   * How the loss of the attack, the signed margin, fell: the lowest after so many evaluations. Undefined in older
   * results, and where examples of another model are replayed.
   */
  readonly losses: readonly LossPoint[] | undefined;
}

/** Classes that are listed, besides the true one. */
const LISTED = 7;

const NAMES = Object.keys(NORMS) as NormName[];

/**
 * Distances, logits and losses of instances, in their order. Each file is opened once.
 * @param rows what `attackedRows` gives for them
 */
export async function instanceDetails(
  store: Pick<Store, 'artifacts'>,
  rows: readonly (AttackedRow | undefined)[],
  instances: readonly (Pick<InstanceRecord, 'position' | 'label'> & { readonly mode: 'static' | 'adaptive' })[],
): Promise<(InstanceDetails | undefined)[]> {
  const result = new Array<InstanceDetails | undefined>(rows.length).fill(undefined);
  for (const step of new Set(rows.flatMap((row) => row?.step ?? []))) {
    const places = rows.flatMap((row, place) => (row?.step === step ? [place] : []));
    const positions = places.map((place) => instances[place]!.position);
    const logits = await rowsOf(store, step, 'logits', positions);
    const losses = await lossesOf(store, step, positions);
    places.forEach((place, index) => {
      const { original, adversarial } = rows[place]!;
      const { label, mode } = instances[place]!;
      const judged = logits?.[index];
      const classes = judged && judgements(judged, label);
      result[place] = {
        distances: Object.fromEntries(
          NAMES.map((name) => [name, NORMS[name].distance(adversarial, original)]),
        ) as InstanceDetails['distances'],
        classes,
        otherClasses: classes ? judged.length / 2 - classes.length : 0,
        losses: mode === 'adaptive' ? losses?.[index] : undefined,
      };
    });
  }
  return result;
}

/** @param logits [2, classes] */
function judgements(logits: Float32Array, label: number): ClassJudgement[] {
  const count = logits.length / 2;
  const probabilities = softmax(logits, count);
  const most = (index: number) => Math.max(probabilities[index]!, probabilities[count + index]!);
  const all = Array.from({ length: count }, (_, index) => index);
  const listed = all.length <= LISTED + 1 ? all : all.toSorted((a, b) => most(b) - most(a)).slice(0, LISTED);
  return [...new Set([...listed, label])]
    .sort((a, b) => a - b)
    .map((index) => ({
      label: index,
      logits: [logits[index]!, logits[count + index]!],
      probabilities: [probabilities[index]!, probabilities[count + index]!],
    }));
}

async function rowsOf(
  { artifacts }: Pick<Store, 'artifacts'>,
  step: StepRecord,
  name: string,
  positions: readonly number[],
): Promise<readonly Float32Array[] | undefined> {
  const file = artifact(step, name);
  return file && (await artifacts.readRows(file, positions)).rows;
}

/** Without what is not finite, as the margins of a model may be that overflows; each up to where nothing falls any more. */
async function lossesOf(
  { artifacts }: Pick<Store, 'artifacts'>,
  step: StepRecord,
  positions: readonly number[],
): Promise<readonly (readonly LossPoint[])[] | undefined> {
  const file = artifact(step, 'losses');
  if (!file) return undefined;
  const { evaluations, losses } = decodeLossPaths(await artifacts.read(file));
  return positions.map((position) => {
    const row = [...losses.subarray(position * evaluations.length, (position + 1) * evaluations.length)];
    const end = row.findLastIndex((loss, point) => loss !== row[point - 1]);
    const points = evaluations.slice(0, end + 1).map((at, point): LossPoint => [at, row[point]!]);
    return points.filter(([, loss]) => Number.isFinite(loss));
  });
}

/** The nearest example that evades, in one norm. */
export interface NearestExample {
  readonly attack: string;
  readonly distance: number;
}

/** Of one model's attacks on an instance, the nearest example in each norm; undefined where none evades. */
export function nearestExamples(
  items: readonly {
    readonly attack: string;
    readonly outcome: string;
    readonly details: InstanceDetails | undefined;
  }[],
): Readonly<Record<NormName, NearestExample>> | undefined {
  const evading = items.flatMap(({ attack, outcome, details }) =>
    outcome === 'evaded' && details ? [{ attack, distances: details.distances }] : [],
  );
  if (evading.length === 0) return undefined;
  return Object.fromEntries(
    NAMES.map((name) => {
      const { attack, distances } = evading.reduce((a, b) => (b.distances[name] < a.distances[name] ? b : a));
      return [name, { attack, distance: distances[name] }];
    }),
  ) as Record<NormName, NearestExample>;
}
