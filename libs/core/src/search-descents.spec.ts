import { z } from 'zod';

import { defineAttack } from './attack';
import type { DifferentiableClassifier } from './classifier';
import { type Parameters } from './component';
import { evade } from './evade';
import type { EvadeInput } from './evasion';
import { imageBatch } from './image-batch';
import { pixelBox } from './pixel-box';
import { Registry } from './registry';
import { Rng } from './rng';

const box = pixelBox(0, 1);
const shape = { channels: 1, height: 1, width: 2 };
const LENGTH = 0.02;
const originals = [0.1, 0.1, 0.4, 0.5, 0.45, 0.5, 0.9, 0.9, 0.2, 0.3];

/** Class 1 where x0 + x1 > 1; counts the rows of every gradient. */
function model(): DifferentiableClassifier & { readonly runs: number[] } {
  const runs: number[] = [];
  const logits = (images: Float32Array) =>
    Float32Array.from(images, (value, i) => (i % 2 === 0 ? 0 : images[i - 1]! + value - 1));
  return {
    runs,
    shape,
    box,
    classes: 2,
    logits: async (images) => logits(images),
    async lossGradient(images, labels, loss) {
      runs.push(labels.length);
      const all = logits(images);
      // z_y - z_other falls where the cross-entropy of y rises.
      const sign = (i: number) => (labels[i] === 1 ? 1 : -1) * (loss === 'cross-entropy' ? -1 : 1);
      return {
        logits: all,
        losses: Float32Array.from(labels, (_, i) => sign(i) * all[2 * i + 1]!),
        gradient: Float32Array.from(images, (_, k) => sign(k >> 1)),
      };
    },
  };
}

/** Every run begins further up, and goes down the slope. */
const definition = (loss: 'margin' | 'cross-entropy') =>
  defineAttack({
    name: 'on-trial',
    summary: 'An attack on trial',
    source: 'This spec',
    version: 1,
    family: 'budget',
    norms: ['linf'],
    params: z.object({ steps: z.int().default(5), jump: z.number().default(0) }),
    descent: ({ steps, jump }) => ({
      loss,
      steps,
      begin(instance, point) {
        instance.original.forEach((value, k) => (point[k] = value + jump * instance.run));
        return (at, gradient, sign) => {
          for (let k = 0; k < at.length; k++) at[k] = at[k]! - sign * LENGTH * Math.sign(gradient[k]!);
          instance.project(at);
        };
      },
    }),
  });

function run(params: Parameters, input: Partial<EvadeInput> = {}, loss: 'margin' | 'cross-entropy' = 'margin') {
  const classifier = model();
  const attack = new Registry('attack', [definition(loss)]).resolve({ name: 'on-trial', params });
  const images = imageBatch(Float32Array.from(originals), shape, box);
  const labels = new Int32Array(5);
  const result = evade({ attack, classifier, verifier: classifier, images, labels, rng: Rng.root(1), ...input });
  return result.then((evasion) => ({ ...evasion, runs: classifier.runs }));
}

describe('searchDescents', () => {
  it('steps until an instance evades, and is done with one that does from the start', async () => {
    const { evaded, adversarial, gradientEvaluations, forwardEvaluations, iterations } = await run({ epsilon: 0.1 });
    expect([...evaded]).toEqual([0, 1, 1, 1, 0]);
    // 0.4 + 0.5: three steps of twice 0.02 take the sum beyond 1, which the fourth gradient tells.
    expect([...gradientEvaluations]).toEqual([5, 4, 3, 0, 5]);
    // Each is asked about once before, and once after its last step.
    expect([...forwardEvaluations]).toEqual([2, 1, 1, 1, 2]);
    expect([...iterations]).toEqual([7, 5, 4, 1, 7]);
    expect(adversarial.data[2]).toBeCloseTo(0.46, 6);
    expect([...adversarial.data.subarray(6, 8)]).toEqual([...Float32Array.of(0.9, 0.9)]);
    // What does not evade is its point of the lowest margin: the last.
    expect(adversarial.data[0]).toBeCloseTo(0.2, 6);
  });

  it('goes the same way whether the loss is lowered or raised', async () => {
    const [lowered, raised] = [await run({ epsilon: 0.1 }), await run({ epsilon: 0.1 }, {}, 'cross-entropy')];
    expect(raised.adversarial.data).toEqual(lowered.adversarial.data);
    expect(raised.gradientEvaluations).toEqual(lowered.gradientEvaluations);
  });

  it('keeps batches full, and finds the same whatever their size', async () => {
    const [whole, pairs] = [await run({ epsilon: 0.1 }), await run({ epsilon: 0.1 }, { batchSize: 2 })];
    expect(Math.max(...pairs.runs)).toBe(2);
    // 17 gradients, of which the last instance takes some alone.
    expect(pairs.runs.filter((rows) => rows === 2).length).toBeGreaterThanOrEqual(6);
    expect(pairs.adversarial.data).toEqual(whole.adversarial.data);
    expect(pairs.iterations).toEqual(whole.iterations);
  });

  it('restarts what has not been decided', async () => {
    const { evaded, gradientEvaluations } = await run({ epsilon: 0.3, steps: 2, restarts: 3, jump: 0.11 });
    // 0.2 + 0.3, twice a jump of 0.22 and two steps of 0.04: only what the third run ends at is beyond 1, 1.02.
    expect([...evaded]).toEqual([0, 1, 1, 1, 1]);
    expect([...gradientEvaluations]).toEqual([6, 3, 2, 0, 6]);
  });

  it('goes on after the first example where early stopping is off', async () => {
    const { gradientEvaluations, adversarial } = await run({ epsilon: 0.1, earlyStop: false });
    expect([...gradientEvaluations]).toEqual([5, 5, 5, 0, 5]);
    expect(adversarial.data[2]).toBeCloseTo(0.5, 6);
  });
});
