import {
  type Classifier,
  Feasibility,
  isEvasion,
  pixelBox,
  predictions,
  RampartError,
  throwIfCancelled,
  type WorkOptions,
} from '@rampart/core';
import { openVerifier } from '@rampart/models';
import { imageFacts, type RunRecord } from '@rampart/results';
import { setImmediate } from 'node:timers/promises';

import { feasibleSet } from '../feasible';
import { commonTarget } from '../targets';
import { in8Bit, type Rounding, ROUNDINGS, valueOf } from './eight-bit';
import { type Examples, type ExampleSet, exampleSets, type ExampleSource, modelOf, readExamples } from './example-sets';

/** An example in 8-bit values that evades as it is. */
export interface EightBitExample {
  readonly testIndex: number;
  readonly label: number;
  /** What the model takes it for in these values. */
  readonly predicted: number;
  readonly rounding: Rounding;
  /** [channels, height, width]: 0 is the box's lower end, 255 the upper. */
  readonly bytes: Uint8Array;
}

/** The examples of one attack on one model, to be handed on. */
export interface HandedSet {
  readonly set: ExampleSet;
  readonly examples: Examples;
  /** Of the examples that turn a right instance into a wrong one, or into its target. */
  readonly eightBit: readonly EightBitExample[];
  /** The others of them: each in some 8-bit values either does not evade, or is outside its ball or bounds. */
  readonly leftOut: readonly { readonly testIndex: number; readonly reason: string }[];
}

/** Examples rounded between two looks at the signal. */
const WINDOW = 256;

/**
 * Reads every stored set of examples of a run, and rounds those that evade to 8-bit values in which they still do.
 * @throws RampartError `usage` for a run without examples, `store` where a file is missing or damaged, `cancelled`
 */
export async function* handedExamples(
  store: ExampleSource,
  run: RunRecord,
  options: WorkOptions = {},
): AsyncGenerator<HandedSet> {
  const sets = await exampleSets(store, run);
  if (sets.length === 0) {
    throw new RampartError({
      code: 'usage',
      message: `The run ${run.id} has no stored examples to export. Name one that attacked a model and got as far as judging it.`,
    });
  }
  const { min, max } = imageFacts(run).box;
  const box = pixelBox(min, max);
  for (const [index, set] of sets.entries()) {
    const examples = await readExamples(store, set);
    const verifier = await openVerifier(await modelOf(store, set), { box });
    try {
      yield { set, examples, ...(await roundAll(examples, verifier, options.signal)) };
    } finally {
      await verifier.dispose();
    }
    const detail = `${set.model}, ${set.attack}`;
    options.onProgress?.({ done: index + 1, total: sets.length, unit: 'sets', detail });
  }
}

async function roundAll(
  examples: Examples,
  verifier: Classifier,
  signal: AbortSignal | undefined,
): Promise<Pick<HandedSet, 'eightBit' | 'leftOut'>> {
  const { adversarial, originals, instances, heldTo, targets } = examples;
  const { box, classes } = verifier;
  const features = adversarial.length / Math.max(1, instances.length);
  const feasibility = new Feasibility(heldTo?.feasible ? feasibleSet(heldTo.feasible, features) : {}, box, features);
  const ball =
    heldTo?.epsilon === undefined || heldTo.norm === 'none'
      ? undefined
      : { norm: heldTo.norm, epsilon: heldTo.epsilon };
  const evades = (position: number, prediction: number) => {
    const aim = targets?.[position] ?? commonTarget(heldTo?.target);
    return isEvasion(prediction, instances[position]!.label, aim);
  };
  const found = new Map<number, EightBitExample>();
  const fitted = new Set<number>();
  const asked = instances.filter(
    ({ position, label, predictionBefore, predictionAfter }) =>
      predictionBefore === label && evades(position, predictionAfter),
  );
  for (const rounding of ROUNDINGS) {
    const open = asked.filter(({ position }) => !found.has(position));
    for (let start = 0; start < open.length; start += WINDOW) {
      // Inference blocks this thread: signals are heard, and progress is drawn, in between.
      await setImmediate();
      throwIfCancelled(signal);
      const tried = open.slice(start, start + WINDOW).flatMap((instance) => {
        const offset = instance.position * features;
        const one = (values: Float32Array) => values.subarray(offset, offset + features);
        const bounds = feasibility.bounds(originals, offset);
        const bytes = in8Bit({ example: one(adversarial), original: one(originals), bounds, ball, box }, rounding);
        return bytes ? [{ instance, bytes }] : [];
      });
      if (tried.length === 0) continue;
      const images = new Float32Array(tried.length * features);
      tried.forEach(({ bytes }, row) => bytes.forEach((byte, k) => (images[row * features + k] = valueOf(byte, box))));
      const predicted = predictions(await verifier.logits(images), classes, verifier.rejects);
      tried.forEach(({ instance: { position, testIndex, label }, bytes }, row) => {
        fitted.add(position);
        if (!evades(position, predicted[row]!)) return;
        found.set(position, { testIndex, label, predicted: predicted[row]!, rounding, bytes });
      });
    }
  }
  return {
    eightBit: asked.flatMap(({ position }) => found.get(position) ?? []),
    leftOut: asked
      .filter(({ position }) => !found.has(position))
      .map(({ position, testIndex }) => ({
        testIndex,
        reason: fitted.has(position)
          ? 'does not evade in 8-bit values'
          : 'is outside its ball or bounds in 8-bit values',
      })),
  };
}
