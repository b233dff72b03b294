import {
  featureCount,
  isRampartError,
  messageOf,
  type PixelBox,
  pixelBox,
  RampartError,
  type WorkOptions,
} from '@rampart/core';
import { openVerifier } from '@rampart/models';
import { imageFacts, type RobustnessRecord, type RunRecord } from '@rampart/results';

import { isWithin } from '../steps/within-threat';
import {
  type Examples,
  type ExampleSet,
  exampleSets,
  type ExampleSource,
  madeByAttack,
  modelOf,
  readExamples,
} from './example-sets';
import { judgeSet, type Judges } from './judge-set';
import type { Verification, VerifiedFigure, VerifiedSet } from './verification';

/** Rows of one run of the second session: no divisor or multiple of the first one's. */
const OTHER_BATCH = 7;

/**
 * Judges every stored example of a run again, in sessions opened for it: predicted class, distance, box and feasible
 * set, values rounded to 8 bits, and the class at another batch size. Only the store is asked, not the data.
 * @throws RampartError `usage` for a run without examples, `cancelled` when the signal fires
 */
export async function verifyExamples(
  store: ExampleSource,
  run: RunRecord,
  options: WorkOptions = {},
): Promise<Verification> {
  const sets = await exampleSets(store, run);
  if (sets.length === 0) {
    throw new RampartError({
      code: 'usage',
      message: `The run ${run.id} has no stored examples. Name one that attacked a model and got as far as judging it.`,
    });
  }
  const box = pixelBox(imageFacts(run).box.min, imageFacts(run).box.max);
  const robustness = await store.robustness.ofRun(run.id);
  const judged = new Map<string, Judged>();
  for (const [index, set] of sets.entries()) {
    if (judged.has(set.evaluateStep)) continue;
    const verified = await verifySet(store, set, box, {
      ...options,
      onProgress: ({ done, total, unit }) =>
        options.onProgress?.({
          done: index + done / Math.max(1, total),
          total: sets.length,
          unit: 'sets',
          detail: `${set.model}, ${set.attack}: ${done} of ${total} ${unit}`,
        }),
    });
    judged.set(set.evaluateStep, verified);
  }
  return {
    run: run.id,
    sets: sets.map((set) => {
      const { distances, attackable, ...verified } = judged.get(set.evaluateStep)!;
      const figures = verified.damage === undefined ? figuresOf(set, robustness, distances, attackable) : [];
      return { ...verified, ...placeOf(set), figures };
    }),
  };
}

/** A judged set, before its figures are compared. */
interface Judged extends Omit<VerifiedSet, 'figures'> {
  readonly distances: readonly number[] | undefined;
  readonly attackable: number;
}

/** The success of a set's attack within each threat that it fills. */
function figuresOf(
  { model, attack, mode, seed }: ExampleSet,
  robustness: readonly RobustnessRecord[],
  distances: readonly number[] | undefined,
  attackable: number,
): VerifiedFigure[] {
  return robustness.flatMap((record) => {
    if (record.model !== model || record.mode !== mode || record.seed !== seed) return [];
    const row = record.attacks.find((one) => one.attack === attack && one.attackSteps.length > 0);
    // Without what the examples were held to nothing is known of their norm.
    if (!row || !distances) return [];
    const found = distances.filter((distance) => isWithin(distance, record.epsilon)).length;
    return [{ threat: record.threat, recorded: Math.round(row.successRate * attackable), found }];
  });
}

async function verifySet(store: ExampleSource, set: ExampleSet, box: PixelBox, options: WorkOptions): Promise<Judged> {
  try {
    const examples = await readExamples(store, set);
    const made = await madeByAttack(store, set);
    const model = await modelOf(store, set);
    return await withJudges(model, examples, box, async (judges) => ({
      ...placeOf(set),
      ...(await judgeSet({ examples, made, judges, box }, options)),
      damage: undefined,
    }));
  } catch (error) {
    // A file that is not what it was: the other sets can still be looked at.
    if (!isRampartError(error) || ['cancelled', 'usage', 'missing'].includes(error.code)) throw error;
    return { ...placeOf(set), ...NOTHING, damage: messageOf(error) };
  }
}

const NOTHING = {
  examples: 0,
  evading: 0,
  survive8Bit: 0,
  ball: undefined,
  otherBatch: false,
  faults: [],
  notes: [],
  distances: undefined,
  attackable: 0,
} as const;

async function withJudges<T>(
  file: Uint8Array,
  { shape }: Examples,
  box: PixelBox,
  work: (judges: Judges) => Promise<T>,
): Promise<T> {
  const model = await openVerifier(file, { box });
  try {
    const features = shape.reduce((product, size) => product * size, 1);
    if (featureCount(model.shape) !== features) {
      throw new RampartError({
        code: 'bad-data',
        message: `The model takes ${featureCount(model.shape)} features and the examples have ${features}. Run the experiment again with another store folder.`,
      });
    }
    if (model.prepared.batch !== undefined) return await work({ model, otherBatch: undefined });
    const otherBatch = await openVerifier(file, { box, batchSize: OTHER_BATCH });
    try {
      return await work({ model, otherBatch });
    } finally {
      await otherBatch.dispose();
    }
  } finally {
    await model.dispose();
  }
}

function placeOf({ model, attack, mode, seed, evaluateStep }: ExampleSet) {
  return { model, attack, mode, seed, evaluateStep };
}
