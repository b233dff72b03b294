import {
  type Classifier,
  Feasibility,
  formatThreat,
  isEvasion,
  l2Distance,
  linfDistance,
  NORMS,
  type PixelBox,
  predictions,
  throwIfCancelled,
  type WorkOptions,
} from '@rampart/core';
import { setImmediate } from 'node:timers/promises';

import { feasibleSet } from '../feasible';
import { isWithin } from '../steps/within-threat';
import { commonTarget } from '../targets';
import { roundedTo8Bit } from './eight-bit';
import type { Examples } from './example-sets';
import type { FaultyExample, VerifiedSet } from './verification';

/** What the rounding of features to float32 makes of a recorded value. */
const ROUNDING = 1e-6;

/** Rows judged between two looks at the signal. */
const WINDOW = 256;

/** Fresh sessions of one model. */
export interface Judges {
  readonly model: Classifier;
  /** The same at another batch size; undefined for a file that runs at one only. */
  readonly otherBatch: Classifier | undefined;
}

export interface SetToJudge {
  readonly examples: Examples;
  /** The examples as the attack's own steps have them, where they are known. */
  readonly made: Float32Array | undefined;
  readonly judges: Judges;
  readonly box: PixelBox;
}

interface Judgement extends Omit<
  VerifiedSet,
  'model' | 'attack' | 'mode' | 'seed' | 'evaluateStep' | 'damage' | 'figures'
> {
  /** Of the evading examples, how far they are in the attack's norm; undefined where it has none. */
  readonly distances: readonly number[] | undefined;
  /** Instances that were attacked and are judged right as they are. */
  readonly attackable: number;
}

/** Judges the examples of one set again: each must be what the run says that it is. */
export async function judgeSet(
  { examples, made, judges, box }: SetToJudge,
  { signal, onProgress }: WorkOptions,
): Promise<Judgement> {
  const { adversarial, originals, instances, heldTo, targets } = examples;
  const features = instances.length === 0 ? 0 : adversarial.length / instances.length;
  const feasible = heldTo?.feasible;
  const feasibility = new Feasibility(feasible ? feasibleSet(feasible, features) : {}, box, features);
  const ball = ballOf(heldTo);
  const aimOf = (position: number) => targets?.[position] ?? commonTarget(heldTo?.target);
  const faults: FaultyExample[] = [];
  const norm = heldTo && heldTo.norm !== 'none' ? NORMS[heldTo.norm] : undefined;
  const distances: number[] = [];
  let attackable = 0;
  let evading = 0;
  let survive8Bit = 0;

  for (let start = 0; start < instances.length; start += WINDOW) {
    // Inference blocks this thread: signals are heard, and progress is drawn, in between.
    await setImmediate();
    throwIfCancelled(signal);
    const end = Math.min(instances.length, start + WINDOW);
    const rows = (values: Float32Array) => values.subarray(start * features, end * features);
    const judge = async (classifier: Classifier, images: Float32Array) =>
      predictions(await classifier.logits(images), classifier.classes, classifier.rejects);
    const before = await judge(judges.model, rows(originals));
    const after = await judge(judges.model, rows(adversarial));
    const other = judges.otherBatch && (await judge(judges.otherBatch, rows(adversarial)));
    const rounded = await judge(judges.model, roundedTo8Bit(rows(adversarial), box));

    for (let position = start; position < end; position++) {
      const instance = instances[position]!;
      const { testIndex, label } = instance;
      const at = position - start;
      const offset = position * features;
      const aim = aimOf(position);
      const evades = (prediction: number) => isEvasion(prediction, label, aim);
      const reasons: string[] = [];

      if (before[at] !== instance.predictionBefore) {
        reasons.push(`its original is judged ${before[at]} and was recorded as ${instance.predictionBefore}`);
      }
      if (after[at] !== instance.predictionAfter) {
        const lost = evades(instance.predictionAfter) && !evades(after[at]!) ? ', so it no longer evades' : '';
        reasons.push(`it is judged ${after[at]} and was recorded as ${instance.predictionAfter}${lost}`);
      }
      if (examples.predictions[testIndex] !== instance.predictionAfter) {
        reasons.push(
          `the run's predictions have ${examples.predictions[testIndex]} for it and its record ${instance.predictionAfter}`,
        );
      }
      if (other && other[at] !== after[at]) {
        reasons.push(`it is judged ${other[at]} at another batch size and ${after[at]} at this one`);
      }
      reasons.push(...distanceFaults(examples, ball, position, features));
      const outside = outsideOf(feasibility, examples, offset, features);
      if (outside !== undefined) reasons.push(outside);
      if (made && differs(made, adversarial, offset, features)) {
        reasons.push('it is not the one that the attack made');
      }

      if (label === before[at]) attackable++;
      const counts = label === before[at] && evades(after[at]!);
      if (counts) {
        evading++;
        if (norm) distances.push(norm.distance(adversarial, originals, offset, features));
      }
      const survives = evades(rounded[at]!);
      if (counts && survives) survive8Bit++;
      if (counts && !survives && feasible?.values === '8-bit') reasons.push('it does not evade with 8-bit values');
      if (reasons.length > 0) faults.push({ testIndex, position, reasons });
    }
    onProgress?.({ done: end, total: instances.length, unit: 'examples' });
  }
  return {
    examples: instances.length,
    distances: norm && distances,
    attackable,
    evading,
    survive8Bit,
    ball: ball && formatThreat(ball),
    otherBatch: judges.otherBatch !== undefined,
    faults,
    notes: heldTo ? [] : ['made by a version that did not record what its examples were held to: no norm was checked'],
  };
}

function ballOf(heldTo: Examples['heldTo']) {
  if (!heldTo || heldTo.norm === 'none' || heldTo.epsilon === undefined) return undefined;
  return { norm: heldTo.norm, epsilon: heldTo.epsilon };
}

/** Whether the example is as far away as it may be, and as was recorded. */
function distanceFaults(
  { adversarial, originals, instances }: Examples,
  ball: ReturnType<typeof ballOf>,
  position: number,
  features: number,
): string[] {
  const offset = position * features;
  const { linf, distortion } = instances[position]!;
  const faults: string[] = [];
  if (ball) {
    const distance = NORMS[ball.norm].distance(adversarial, originals, offset, features);
    if (!isWithin(distance, ball.epsilon)) {
      faults.push(`its distance is ${short(distance)} in ${ball.norm}, outside ${formatThreat(ball)}`);
    }
  }
  const recorded = [
    ['largest change', linfDistance(adversarial, originals, offset, features), linf],
    ['distortion', l2Distance(adversarial, originals, offset, features) / features, distortion],
  ] as const;
  for (const [what, found, expected] of recorded) {
    if (Math.abs(found - expected) <= ROUNDING) continue;
    faults.push(`its ${what} is ${short(found)} and was recorded as ${short(expected)}`);
  }
  return faults;
}

/** The first feature that is outside the box or the feasible set, or has a value that it may not take. */
function outsideOf(
  feasibility: Feasibility,
  { adversarial, originals }: Examples,
  offset: number,
  features: number,
): string | undefined {
  const { lower, upper } = feasibility.bounds(originals, offset);
  for (let k = 0; k < features; k++) {
    const value = adversarial[offset + k]!;
    if (value >= lower[k]! && value <= upper[k]!) continue;
    return `feature ${k} is ${short(value)}, outside [${short(lower[k]!)}, ${short(upper[k]!)}]`;
  }
  if (feasibility.continuous) return undefined;
  const allowed = adversarial.slice(offset, offset + features);
  feasibility.round(allowed, 0, originals, offset);
  for (let k = 0; k < features; k++) {
    const value = adversarial[offset + k]!;
    if (Math.abs(value - allowed[k]!) > ROUNDING) return `feature ${k} is ${short(value)}, which it may not be`;
  }
  return undefined;
}

function differs(a: Float32Array, b: Float32Array, offset: number, features: number): boolean {
  for (let i = offset; i < offset + features; i++) if (a[i] !== b[i]) return true;
  return false;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
