import { z } from 'zod';

import { type AttackDefinition, defineAttack } from './attack';
import type { AttackInstance } from './attack-instance';
import type { DifferentiableClassifier } from './classifier';
import { evade } from './evade';
import type { EvadeInput } from './evasion';
import { imageBatch } from './image-batch';
import { pixelBox } from './pixel-box';
import { type Parameters, type ParameterValue } from './component';
import { Registry } from './registry';
import { Rng } from './rng';
import type { NormName } from './threat/norm';

const box = pixelBox(0, 1);
const shape = { channels: 1, height: 1, width: 2 };

/** Class 1 where x0 + x1 > 1; counts the rows of every run. */
function model(): DifferentiableClassifier & { readonly runs: number[] } {
  const runs: number[] = [];
  const logits = (images: Float32Array) => {
    runs.push(images.length / 2);
    return Float32Array.from({ length: images.length }, (_, i) => (i % 2 === 0 ? 0 : images[i - 1]! + images[i]! - 1));
  };
  return {
    runs,
    shape,
    box,
    classes: 2,
    logits: async (images) => logits(images),
    async lossGradient(images, labels) {
      const all = logits(images);
      const sign = (i: number) => (labels[i] === 1 ? 1 : -1);
      return {
        logits: all,
        losses: Float32Array.from(labels, (_, i) => sign(i) * all[2 * i + 1]!),
        gradient: Float32Array.from(images, (_, k) => sign(k >> 1)),
      };
    },
  };
}

function define(
  each: (instance: AttackInstance) => Promise<void>,
  rest: Partial<Pick<AttackDefinition, 'family'>> & { norms?: NormName[]; width?: () => number } = {},
): AttackDefinition {
  return defineAttack({
    name: 'on-trial',
    summary: 'An attack on trial',
    source: 'This spec',
    version: 1,
    family: 'budget',
    norms: ['linf', 'l2'],
    params: z.object({}),
    each: () => each,
    ...rest,
  });
}

function run(definition: AttackDefinition, params: Parameters, input: Partial<EvadeInput> = {}, classifier = model()) {
  const attack = new Registry('attack', [definition]).resolve({ name: 'on-trial', params });
  const data = Float32Array.of(0.1, 0.1, 0.4, 0.5, 0.45, 0.5, 0.9, 0.9, 0.2, 0.3);
  return evade({
    attack,
    classifier,
    verifier: classifier,
    images: imageBatch(data, shape, box),
    labels: new Int32Array(data.length / 2),
    rng: Rng.root(1),
    ...input,
  });
}

/** Small steps along the gradient, until it is told nothing any more. */
const crawl = async (instance: AttackInstance) => {
  const point = instance.original.slice();
  for (let step = 0; step < 100; step++) {
    const { gradient } = await instance.gradient(point, 'margin');
    for (let k = 0; k < point.length; k++) point[k] = point[k]! - 0.01 * gradient[k]!;
    instance.project(point);
  }
};

describe('searchEach', () => {
  it('is done with an instance at its first example, and with one that is misclassified at its original', async () => {
    const { evaded, adversarial, gradientEvaluations, forwardEvaluations, iterations } = await run(define(crawl), {
      epsilon: 0.1,
    });
    expect([...evaded]).toEqual([0, 1, 1, 1, 0]);
    // 0.4 + 0.5: six steps of 0.02 take the sum beyond 1; the point that evades is the sixth's.
    expect(gradientEvaluations[1]).toBe(7);
    expect(adversarial.data[2]).toBeCloseTo(0.46, 6);
    expect([...adversarial.data.subarray(6, 8)]).toEqual([...Float32Array.of(0.9, 0.9)]);
    expect(gradientEvaluations[3]).toBe(0);
    expect(gradientEvaluations[0]).toBe(100);
    expect([...forwardEvaluations]).toEqual([1, 1, 1, 1, 1]);
    expect(iterations[3]).toBe(1);
  });

  it('keeps batches full: the next instance takes the place of one that is done', async () => {
    const classifier = model();
    await run(define(crawl), { epsilon: 0.1 }, { batchSize: 2 }, classifier);
    const sizes = classifier.runs.slice(0, -3);
    expect(Math.max(...sizes)).toBe(2);
    // Instances 1 to 3 pass through beside instance 0, which takes 101 rounds.
    expect(sizes.filter((rows) => rows === 2).length).toBeGreaterThan(15);
  });

  it('goes on after the first example where early stopping is off, and returns the lowest margin in the ball', async () => {
    const { adversarial, gradientEvaluations } = await run(define(crawl), { epsilon: 0.1, earlyStop: false });
    expect(gradientEvaluations[1]).toBe(100);
    expect(adversarial.data[2]).toBeCloseTo(0.5, 6);
    expect(adversarial.data[3]).toBeCloseTo(0.6, 6);
  });

  it('returns the nearest example of a minimum-norm attack, wherever the search ends', async () => {
    const overshoot = async (instance: AttackInstance) => {
      for (const by of [0.4, 0.1, 0.3, 0.02])
        await instance.margin(instance.original.map((value) => Math.min(1, value + by)));
    };
    const { adversarial, evaded } = await run(define(overshoot, { family: 'minimum-norm' }), {});
    expect([...evaded]).toEqual([0, 1, 1, 1, 1]);
    const moved = adversarial.data.map((value, k) => value - [0.1, 0.1, 0.4, 0.5, 0.45, 0.5, 0.9, 0.9, 0.2, 0.3][k]!);
    [0.4, 0.4, 0.1, 0.1, 0.1, 0.1, 0, 0, 0.3, 0.3].slice(2).forEach((by, k) => expect(moved[k + 2]).toBeCloseTo(by, 5));
  });

  it('counts no point outside ball or bounds as an example', async () => {
    const cheat = async (instance: AttackInstance) => {
      await instance.margin(instance.original.map((value) => value + 0.2));
      await instance.margin(Float32Array.of(3, 3));
    };
    const { evaded } = await run(define(cheat), { epsilon: 0.1 });
    expect([...evaded]).toEqual([0, 0, 0, 1, 0]);
    const nearest = await run(
      define(async (instance) => void (await instance.margin(Float32Array.of(-3, 8))), { family: 'minimum-norm' }),
      {},
    );
    expect([...nearest.evaded]).toEqual([0, 0, 0, 1, 0]);
  });

  it('runs restarts with random numbers of their own, the first with those of a single run', async () => {
    const drawn = new Map<number, number[]>();
    const draw = async (instance: AttackInstance) => {
      const value = instance.rng.uniform();
      drawn.set(instance.run, [...(drawn.get(instance.run) ?? []), value]);
      await instance.margin(instance.original);
    };
    await run(define(draw), { epsilon: 0.1 });
    const alone = drawn.get(0)!;
    drawn.clear();
    await run(define(draw), { epsilon: 0.1, restarts: 3 });
    expect(drawn.get(0)).toEqual(alone);
    expect(new Set([...drawn.values()].flat()).size).toBe(3 * alone.length);
  });

  it('answers several questions at once, and many points in one', async () => {
    const asked: number[][] = [];
    const ask = async (instance: AttackInstance) => {
      const points = new Float32Array(2 * 7).fill(0.25);
      const [margins, { gradient }, logits] = await Promise.all([
        instance.margins(points),
        instance.gradient(instance.original, 'margin'),
        instance.logits(points.subarray(0, 4)),
      ]);
      asked.push([margins.length, gradient.length, logits.length]);
    };
    await run(define(ask, { width: () => 7 }), { epsilon: 0.1 }, { batchSize: 4 });
    // All but the one that is decided from the start.
    expect(asked).toEqual(new Array(4).fill([7, 2, 4]));
  });

  it('rounds points to the values that features may take before it asks about them', async () => {
    const { adversarial, evaded } = await run(
      define(crawl),
      { epsilon: 0.3 },
      { feasible: { values: '8-bit', frozen: Uint8Array.of(1, 0) } },
    );
    expect([...evaded]).toEqual([0, 1, 1, 1, 0]);
    expect(adversarial.data[2]).toBeCloseTo(0.4, 7);
    expect((adversarial.data[3]! * 255) % 1).toBeCloseTo(0, 3);
  });

  it('averages the answers of a model, and counts every evaluation', async () => {
    const classifier = model();
    const { forwardEvaluations, gradientEvaluations } = await run(
      define(crawl),
      { epsilon: 0.1, samples: 4 },
      {},
      classifier,
    );
    expect(forwardEvaluations[0]).toBe(4);
    expect(gradientEvaluations[0]).toBe(400);
    expect(classifier.runs[0]).toBe(20);
  });

  it('accounts for the stages of an ensemble', async () => {
    const stages = async (instance: AttackInstance) => {
      instance.stage('weak');
      await instance.margin(instance.original.map((value) => value + 0.03));
      instance.stage('strong');
      await instance.gradient(
        instance.original.map((value) => value + 0.1),
        'margin',
      );
    };
    const result = await run(define(stages), { epsilon: 0.1 });
    expect(result.stages).toEqual([
      { name: 'weak', instances: 4, evaded: 1, forwardEvaluations: 4, gradientEvaluations: 0 },
      { name: 'strong', instances: 3, evaded: 1, forwardEvaluations: 0, gradientEvaluations: 3 },
    ]);
  });

  it('hands an error of the search on, with the name of the attack', async () => {
    const failing = async () => {
      await Promise.resolve();
      throw new TypeError('x is not a function');
    };
    await expect(run(define(failing), { epsilon: 0.1 })).rejects.toMatchObject({
      code: 'contract',
      message: 'Attack "on-trial(epsilon=0.1)" failed: x is not a function',
    });
  });

  it.each([0, -1, NaN, Infinity, 'x'] as ParameterValue[])('refuses epsilon = %p', async (epsilon) => {
    expect(() => run(define(crawl), { epsilon })).toThrow(/parameter "epsilon"/);
  });

  it('asks for an epsilon, or threats, where there is none', () => {
    expect(() => run(define(crawl), {})).toThrow(/parameter "epsilon".*threats/);
  });

  it('takes only the norms that the attack knows', () => {
    expect(() => run(define(crawl), { norm: 'l1', epsilon: 1 })).toThrow(/parameter "norm".*linf.*l2/);
  });
});
