import { attackedEvaluations } from '@rampart/reports';
import {
  type CellMode,
  decodeNpy,
  decodeNpyFloat32,
  type InstanceRecord,
  type RunRecord,
  type StepRecord,
  type Store,
} from '@rampart/results';
import { messageOf, RampartError } from '@rampart/core';

import type { FeasibleParams } from '../feasible';
import { FEASIBLE_FILE } from '../steps/attack';
import type { AttackOutput, EvaluateOutput, HeldTo } from '../steps/outputs';

/** What of a store it takes to read examples. */
export type ExampleSource = Pick<
  Store,
  'robustness' | 'cells' | 'models' | 'instances' | 'steps' | 'runSteps' | 'artifacts'
>;

/** The examples of one attack as one model judged them. */
export interface ExampleSet {
  readonly model: string;
  readonly attack: string;
  readonly mode: CellMode;
  readonly seed: number;
  readonly evaluateStep: string;
  /** The step that made the model that judged them; undefined where the run did not record it. */
  readonly modelStep: string | undefined;
  /** The steps that made the examples; of older results only the first is known. */
  readonly attackSteps: readonly string[];
}

/** Examples with their originals, row by row. */
export interface Examples {
  /** Dimensions of one instance: channels, height, width. */
  readonly shape: readonly number[];
  readonly originals: Float32Array;
  readonly adversarial: Float32Array;
  readonly instances: readonly InstanceRecord[];
  /** The predicted class of every test instance, the attacked ones modified. */
  readonly predictions: Int32Array;
  /** The class that each example was to be taken for, where that was chosen by instance. */
  readonly targets: readonly number[] | undefined;
  /** What the attack was held to; undefined for results that did not record it. */
  readonly heldTo: (HeldTo & { readonly feasible: FeasibleParams | undefined }) | undefined;
}

/** Every set of examples that a run has, in the order of its plan: those of its tables, then those of its sweeps. */
export async function exampleSets(store: ExampleSource, run: Pick<RunRecord, 'id'>): Promise<ExampleSet[]> {
  const cells = await store.cells.ofRun(run.id);
  const models = await store.models.ofRun(run.id);
  const evaluations = attackedEvaluations(cells);
  const planned = (await store.runSteps.ofRun(run.id)).filter(({ kind }) => kind === 'evaluate');
  const found = new Map((await store.steps.findAll(planned.map(({ key }) => key))).map((step) => [step.key, step]));
  const steps = planned.flatMap(({ key }) => found.get(key) ?? []);
  const needs = new Map(steps.map(({ key, output }) => [key, needsOf(output)]));
  const inTables = new Set(evaluations.map(({ evaluateStep }) => evaluateStep));
  const ofTables = evaluations.map((one): ExampleSet => {
    const [modelStep, ...attackSteps] = needs.get(one.evaluateStep) ?? [];
    const first = cells.find((cell) => cell.evaluateStep === one.evaluateStep)?.attackStep;
    return {
      ...one,
      modelStep: modelStep ?? models.find(({ label, seed }) => label === one.model && seed === one.seed)?.step,
      attackSteps: attackSteps.length > 0 ? attackSteps : first === undefined ? [] : [first],
    };
  });
  const others: ExampleSet[] = [];
  for (const { key, label, artifacts } of steps) {
    if (inTables.has(key) || !artifacts.some(({ name }) => name === 'adversarial')) continue;
    const [modelStep, ...attackSteps] = needs.get(key) ?? [];
    const model = models.find(({ step }) => step === modelStep);
    const made = attackSteps[0] === undefined ? undefined : await store.steps.find(attackSteps[0]);
    others.push({
      model: model?.label ?? label,
      attack: (made?.output as AttackOutput | undefined)?.heldTo?.attack ?? label,
      mode: 'adaptive',
      seed: model?.seed ?? 0,
      evaluateStep: key,
      modelStep,
      attackSteps,
    });
  }
  return [...ofTables, ...others];
}

/**
 * Reads a set's examples; every file is held to its checksum.
 * @throws RampartError `store` where a file is missing or damaged, `bad-data` where files do not fit each other
 */
export async function readExamples(store: ExampleSource, set: ExampleSet): Promise<Examples> {
  const evaluation = await stepOf(store, set.evaluateStep);
  const originals = decodeNpyFloat32(await fileOf(store, evaluation, 'originals'));
  const adversarial = decodeNpyFloat32(await fileOf(store, evaluation, 'adversarial'));
  const predictions = decodeNpy(await fileOf(store, evaluation, 'predictions')).data as Int32Array;
  const instances = await store.instances.ofStep(set.evaluateStep);
  const [count, ...shape] = adversarial.shape;
  if (count !== instances.length || originals.data.length !== adversarial.data.length) {
    throw new RampartError({
      code: 'bad-data',
      message: `The files of "${evaluation.label}" do not fit its ${instances.length} recorded instances: ${count} examples, ${originals.shape[0]} originals. Run the experiment again with another store folder.`,
    });
  }
  return {
    shape,
    originals: originals.data,
    adversarial: adversarial.data,
    predictions,
    instances,
    targets: (evaluation.output as EvaluateOutput).targets,
    heldTo: await heldToOf(store, set),
  };
}

/** The examples as the attack's own steps have them; undefined where not all of these are known. */
export async function madeByAttack(store: ExampleSource, set: ExampleSet): Promise<Float32Array | undefined> {
  const parts: { readonly first: number; readonly data: Float32Array }[] = [];
  for (const key of set.attackSteps) {
    const step = await stepOf(store, key);
    const { data } = decodeNpyFloat32(await fileOf(store, step, 'adversarial'));
    parts.push({ first: (step.output as AttackOutput).first, data });
  }
  const evaluation = await stepOf(store, set.evaluateStep);
  if (needsOf(evaluation.output).length === 0) return undefined;
  const all = new Float32Array(parts.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of parts.toSorted((a, b) => a.first - b.first)) {
    all.set(data, at);
    at += data.length;
  }
  return all;
}

/** The ONNX file of the model that judged a set. @throws RampartError `store` as `readExamples` */
export async function modelOf(store: ExampleSource, set: ExampleSet): Promise<Uint8Array> {
  if (set.modelStep === undefined) {
    throw new RampartError({
      code: 'store',
      message: `The run did not record which model judged "${set.attack}". Run the experiment again to have it checked.`,
    });
  }
  return fileOf(store, await stepOf(store, set.modelStep), 'model');
}

async function heldToOf(store: ExampleSource, { attackSteps }: ExampleSet): Promise<Examples['heldTo']> {
  if (attackSteps[0] === undefined) return undefined;
  const step = await stepOf(store, attackSteps[0]);
  const { heldTo } = step.output as AttackOutput;
  if (!heldTo) return undefined;
  const file = step.artifacts.find(({ name }) => name === FEASIBLE_FILE);
  if (!file) return { ...heldTo, feasible: undefined };
  const text = Buffer.from(await store.artifacts.read(file)).toString('utf8');
  return { ...heldTo, feasible: JSON.parse(text) as FeasibleParams };
}

async function stepOf(store: ExampleSource, key: string): Promise<StepRecord> {
  const step = await store.steps.find(key);
  if (step) return step;
  throw new RampartError({
    code: 'store',
    message: `The result of step ${key.slice(0, 12)} is missing. Run the experiment again.`,
  });
}

async function fileOf(store: ExampleSource, step: StepRecord, name: string): Promise<Uint8Array> {
  const file = step.artifacts.find((one) => one.name === name);
  if (!file) {
    throw new RampartError({
      code: 'store',
      message: `Step "${step.label}" has no file "${name}". Run the experiment again with another store folder.`,
    });
  }
  try {
    return await store.artifacts.read(file);
  } catch (error) {
    throw new RampartError({
      code: 'store',
      message: `Of step "${step.label}": ${messageOf(error)}`,
      cause: error,
    });
  }
}

function needsOf(output: unknown): readonly string[] {
  return (output as { readonly needs?: readonly string[] } | null)?.needs ?? [];
}
