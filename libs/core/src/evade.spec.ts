import fc from 'fast-check';
import { z } from 'zod';

import { type Attack, type AttackProblem, type AttackSearch, defineAttack } from './attack';
import { type DifferentiableClassifier, margin } from './classifier';
import { evade } from './evade';
import type { EvadeInput } from './evasion';
import { imageBatch } from './image-batch';
import { pixelBox, PUBLICATION_BOX } from './pixel-box';
import { Registry } from './registry';
import { Rng } from './rng';
import { NORMS } from './threat/norms';
import { linfDistance, type ThreatModel } from './threat/threat-model';

const SHAPE = { channels: 1, height: 1, width: 3 };
const FEATURES = 3;

/** Two classes with the logits 0 and w x + b: class 1 where w x + b > 0. */
function plane(w: readonly number[], b = 0): DifferentiableClassifier {
  const logit = (image: Float32Array): number => w.reduce((sum, weight, k) => sum + weight * image[k]!, b);
  const rows = (images: Float32Array) =>
    Array.from({ length: images.length / FEATURES }, (_, i) => images.subarray(i * FEATURES, (i + 1) * FEATURES));
  return {
    shape: SHAPE,
    box: PUBLICATION_BOX,
    classes: 2,
    logits: async (images) => Float32Array.from(rows(images).flatMap((image) => [0, logit(image)])),
    async lossGradient(images, labels, loss) {
      const logits = await this.logits(images);
      const losses = new Float32Array(labels.length);
      const gradient = new Float32Array(images.length);
      rows(images).forEach((image, i) => {
        const lead = (labels[i] === 1 ? 1 : -1) * logit(image);
        // d loss / d lead: the margin is the lead, the cross-entropy log(1 + exp(-lead)).
        const slope = loss === 'margin' ? 1 : -1 / (1 + Math.exp(lead));
        losses[i] = loss === 'margin' ? lead : Math.log1p(Math.exp(-lead));
        for (let k = 0; k < FEATURES; k++) gradient[i * FEATURES + k] = slope * (labels[i] === 1 ? 1 : -1) * w[k]!;
      });
      return { logits, losses, gradient };
    },
  };
}

function attack(search: AttackSearch, threat: ThreatModel = { norm: 'none' }): Attack {
  const definition = defineAttack({
    name: 'on-trial',
    summary: 'An attack on trial',
    source: 'This spec',
    version: 1,
    params: z.object({}),
    threat: () => threat,
    create: () => search,
  });
  return new Registry('attack', [definition]).resolve({ name: 'on-trial', params: {} });
}

const everyone = ({ count }: AttackProblem): number[] => Array.from({ length: count }, (_, i) => i);

/** Adds the same to every coordinate. */
const shift =
  (by: number): AttackSearch =>
  async ({ originals, count }) => ({
    candidates: originals.map((value) => value + by),
    iterations: new Int32Array(count).fill(1),
  });

/** One step of a length against the gradient of the attacker's loss. */
const descend =
  (length: number, loss: 'margin' | 'cross-entropy' = 'margin'): AttackSearch =>
  async (problem) => {
    const { gradient } = await problem.gradient(problem.originals, everyone(problem), loss);
    const candidates = problem.originals.map((value, k) => value - length * Math.sign(gradient[k]!));
    return { candidates, iterations: new Int32Array(problem.count).fill(1) };
  };

const model = plane([1, -2, 0.5], 0.125);
const images = (...values: number[]) => imageBatch(Float32Array.from(values), SHAPE, PUBLICATION_BOX);

function run(search: AttackSearch, input: Partial<EvadeInput> = {}, threat?: ThreatModel) {
  return evade({
    attack: attack(search, threat),
    classifier: model,
    verifier: model,
    images: images(0.25, 0, 0, 0, 0.25, 0),
    labels: Int32Array.of(1, 0),
    rng: Rng.root(1),
    ...input,
  });
}

describe('evade', () => {
  it('judges by the verifier: w x + b > 0 is class 1', async () => {
    // Logits 0.375 and -0.375: right. A signed step of 0.15 changes w x by 3.5 * 0.15 = 0.525: both evade.
    const far = await run(descend(0.15));
    expect(far.predictions).toEqual(Int32Array.of(0, 1));
    expect(far.evaded).toEqual(Uint8Array.of(1, 1));
    // A step of 0.1 changes it by 0.35: neither does.
    expect((await run(descend(0.1))).evaded).toEqual(Uint8Array.of(0, 0));
  });

  it('lets the verifier alone decide, whatever the model said that was questioned', async () => {
    const { predictions, evaded } = await run(descend(0.15), { verifier: plane([0, 0, 0], 1) });
    expect(predictions).toEqual(Int32Array.of(1, 1));
    expect(evaded).toEqual(Uint8Array.of(0, 1));
  });

  it.each(['margin', 'cross-entropy'] as const)('hands out a loss that falls towards success (%s)', async (loss) => {
    expect((await run(descend(0.15, loss))).evaded).toEqual(Uint8Array.of(1, 1));
    const targets = Int32Array.of(1, 1);
    const { predictions, evaded } = await run(descend(0.3, loss), { labels: Int32Array.of(1, 0), targets });
    expect(predictions).toEqual(Int32Array.of(1, 1));
    expect(evaded).toEqual(Uint8Array.of(1, 1));
  });

  it('has margins below 0 exactly where a candidate evades', async () => {
    const margins: number[] = [];
    const look: AttackSearch = async (problem) => {
      margins.push(...(await problem.margins(problem.originals, everyone(problem))));
      const { margins: again } = await problem.gradient(problem.originals, everyone(problem), 'cross-entropy');
      margins.push(...again);
      return shift(0)(problem);
    };
    await run(look, { labels: Int32Array.of(1, 1) });
    await run(look, { labels: Int32Array.of(1, 1), targets: Int32Array.of(0, 0) });
    // Untargeted z_y - max z_j, targeted max z_j - z_t; for two classes they are the same.
    expect(margins).toEqual([0.375, -0.375, 0.375, -0.375, 0.375, -0.375, 0.375, -0.375]);
  });

  const threats = fc.oneof(
    fc.constant<ThreatModel>({ norm: 'none' }),
    fc.record({
      norm: fc.constantFrom('linf' as const, 'l2' as const),
      epsilon: fc.double({ min: 0.01, max: 2, noNaN: true }),
    }),
  );
  const pixels = fc.array(fc.double({ min: -0.5, max: 0.5, noNaN: true }), { minLength: 6, maxLength: 6 });
  const anything = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 6, maxLength: 6 });

  it('never lets an example out of the box or over the budget, and counts what it had to correct', () =>
    fc.assert(
      fc.asyncProperty(threats, pixels, anything, async (threat, values, wanted) => {
        const originals = images(...values);
        const candidates = Float32Array.from(wanted);
        const search: AttackSearch = async () => ({ candidates, iterations: new Int32Array(2) });
        const { adversarial, corrected } = await run(search, { images: originals }, threat);
        let outside = 0;
        for (const offset of [0, FEATURES]) {
          if (threat.norm !== 'none') {
            const spent = NORMS[threat.norm].distance(adversarial.data, originals.data, offset, FEATURES);
            expect(spent).toBeLessThanOrEqual(threat.epsilon + 1e-6);
          }
          outside += Number(linfDistance(adversarial.data, candidates, offset, FEATURES) > 1e-5);
        }
        expect(adversarial.data.every((value) => value >= -0.5 && value <= 0.5)).toBe(true);
        expect(corrected).toBe(outside);
      }),
      { seed: 12, numRuns: 300 },
    ));

  it('leaves what is inside box and budget as it is, but for rounding', async () => {
    const { adversarial, corrected } = await run(shift(0.1), {}, { norm: 'linf', epsilon: 0.1 });
    expect(corrected).toBe(0);
    expect(linfDistance(adversarial.data, images(0.35, 0.1, 0.1, 0.1, 0.35, 0.1).data, 0, 6)).toBeLessThan(1e-6);
  });

  it('projects to the budget along the line to the original (l2), and per coordinate (linf)', async () => {
    const originals = images(0, 0, 0, 0, 0, 0);
    const search: AttackSearch = async () => ({
      candidates: Float32Array.of(0.3, 0.4, 0, 0.1, 0, 0),
      iterations: new Int32Array(2),
    });
    const l2 = await run(search, { images: originals }, { norm: 'l2', epsilon: 0.25 });
    [0.15, 0.2, 0, 0.1, 0, 0].forEach((value, k) => expect(l2.adversarial.data[k]).toBeCloseTo(value, 6));
    expect(l2.corrected).toBe(1);
    const linf = await run(search, { images: originals }, { norm: 'linf', epsilon: 0.3 });
    [0.3, 0.3, 0, 0.1, 0, 0].forEach((value, k) => expect(linf.adversarial.data[k]).toBeCloseTo(value, 6));
    expect(linf.corrected).toBe(1);
  });

  it('counts evaluations an instance, and keeps iterations', async () => {
    const search: AttackSearch = async (problem) => {
      await problem.gradient(problem.originals, everyone(problem), 'margin');
      await problem.margins(problem.originals.slice(0, FEATURES), [0]);
      // Twice the same instance in one batch costs twice.
      await problem.margins(problem.originals.slice(0, 2 * FEATURES), [0, 0]);
      return { candidates: problem.originals, iterations: Int32Array.from(everyone(problem), (i) => 10 + i) };
    };
    const { forwardEvaluations, gradientEvaluations, iterations } = await run(search);
    expect(forwardEvaluations).toEqual(Int32Array.of(3, 0));
    expect(gradientEvaluations).toEqual(Int32Array.of(1, 1));
    expect(iterations).toEqual(Int32Array.of(10, 11));
  });

  it.each([
    ['away from the label', undefined, 1],
    ['towards a target', Int32Array.of(1, 1), -1],
  ])(
    'tells how the margin fell, %s: from that of the originals to that of the examples',
    async (_what, targets, sign) => {
      const lead = (values: ArrayLike<number>) => {
        const of = (k: number) => values[k]! - 2 * values[k + 1]! + 0.5 * values[k + 2]! + 0.125;
        return (of(0) + of(3)) / 2;
      };
      const originals = images(0.25, 0, 0, 0, 0.25, 0);
      const labels = Int32Array.of(targets ? 0 : 1, targets ? 0 : 1);
      const { adversarial, losses } = await run(descend(0.0625), { images: originals, labels, targets } as EvadeInput);
      expect(losses.map(([evaluations]) => evaluations)).toEqual([0, 1]);
      expect(losses[0]![1]).toBeCloseTo(sign * lead(originals.data), 6);
      expect(losses[1]![1]).toBeCloseTo(sign * lead(adversarial.data), 6);
      expect(losses[1]![1]).toBeLessThan(losses[0]![1]);
    },
  );

  it('gives each instance a generator that knows its place in the whole set', async () => {
    const noise: AttackSearch = async (problem) => ({
      candidates: problem.originals.map(
        (_, k) =>
          problem
            .rng(Math.floor(k / FEATURES))
            .split(k % FEATURES)
            .uniform() - 0.5,
      ),
      iterations: new Int32Array(problem.count),
    });
    const all = imageBatch(new Float32Array(7 * FEATURES), SHAPE, PUBLICATION_BOX);
    const labels = new Int32Array(7);
    const whole = await run(noise, { images: all, labels });
    const inBatches = await run(noise, { images: all, labels, batchSize: 2 });
    expect(inBatches).toEqual(whole);
    const rest = await run(noise, {
      images: imageBatch(new Float32Array(4 * FEATURES), SHAPE, PUBLICATION_BOX),
      labels: new Int32Array(4),
      firstInstance: 3,
    });
    expect(rest.adversarial.data).toEqual(whole.adversarial.data.subarray(3 * FEATURES));
  });

  it('may be taken apart by the search', async () => {
    const { gradientEvaluations } = await run(async ({ originals, count, margins, gradient, rng }) => {
      const instances = Array.from({ length: count }, (_, i) => i);
      await margins(originals, instances);
      await gradient(originals, instances, 'margin');
      instances.forEach((instance) => rng(instance).uniform());
      return { candidates: originals, iterations: new Int32Array(count) };
    });
    expect([...gradientEvaluations].every((value) => value === 1)).toBe(true);
  });

  it('protects the images from the search', async () => {
    const originals = images(0.25, 0, 0, 0, 0.25, 0);
    const search: AttackSearch = async (problem) => {
      problem.originals.fill(0.4);
      return { candidates: problem.originals, iterations: new Int32Array(problem.count) };
    };
    const { adversarial } = await run(search, { images: originals }, { norm: 'linf', epsilon: 0.1 });
    expect(originals).toEqual(images(0.25, 0, 0, 0, 0.25, 0));
    [0.35, 0.1, 0.1, 0.1, 0.35, 0.1].forEach((value, k) => expect(adversarial.data[k]).toBeCloseTo(value, 6));
  });

  it('keeps labels, targets and the model out of the reach of the search', async () => {
    const reached: string[] = [];
    await run(
      async (problem) => {
        for (const [key, value] of Object.entries(problem)) {
          if (value instanceof Int32Array || (typeof value === 'object' && 'classifier' in value)) reached.push(key);
        }
        return shift(0)(problem);
      },
      { targets: Int32Array.of(0, 0) },
    );
    expect(reached).toEqual([]);
  });

  it('reports progress by instances', async () => {
    const seen: string[] = [];
    await run(shift(0), {
      batchSize: 1,
      onProgress: ({ done, total, unit }) => void seen.push(`${done}/${total} ${unit}`),
    });
    expect(seen).toEqual(['1/2 instances', '2/2 instances']);
  });

  it('has nothing to do for no images', async () => {
    const none = await run(shift(1), { images: images(), labels: new Int32Array(0) });
    expect(none).toMatchObject({ corrected: 0, evaded: new Uint8Array(0) });
  });
});

describe('evade stops', () => {
  const cancelled = { name: 'RampartError', code: 'cancelled' };

  it('before the first batch', async () => {
    await expect(run(shift(0), { signal: AbortSignal.abort() })).rejects.toMatchObject(cancelled);
  });

  it('at the next question to the model', async () => {
    const controller = new AbortController();
    let asked = 0;
    const search: AttackSearch = async (problem) => {
      for (;;) {
        if (++asked === 3) controller.abort();
        await problem.margins(problem.originals, everyone(problem));
      }
    };
    await expect(run(search, { signal: controller.signal })).rejects.toMatchObject(cancelled);
    expect(asked).toBe(3);
  });

  it('even where the search takes no notice', async () => {
    const controller = new AbortController();
    const search: AttackSearch = async (problem) => {
      controller.abort();
      await problem.margins(problem.originals, everyone(problem)).catch(() => undefined);
      return shift(0)(problem);
    };
    await expect(run(search, { signal: controller.signal })).rejects.toMatchObject(cancelled);
  });
});

describe('evade refuses', () => {
  const returns =
    (candidates: number[], iterations = 2): AttackSearch =>
    async () => ({ candidates: Float32Array.from(candidates), iterations: new Int32Array(iterations) });

  it.each<[string, AttackSearch, string]>([
    [
      'NaN',
      returns([0, 0, 0, 0, NaN, 0]),
      'Attack "on-trial" returned NaN for instance 1, feature 1. Expected finite values',
    ],
    ['infinity', returns([0, 0, Infinity, 0, 0, 0]), 'returned Infinity for instance 0, feature 2'],
    ['too few candidates', returns([0, 0, 0]), 'returned 3 values and 2 iteration counts. Expected 6 and 2'],
    ['too few counts', returns([0, 0, 0, 0, 0, 0], 1), 'returned 6 values and 1 iteration counts. Expected 6 and 2'],
    ['nothing', async () => undefined as never, 'returned no values and no iteration counts'],
    [
      'an error, which gets the name of the attack',
      async () => {
        throw new TypeError('x is undefined');
      },
      'Attack "on-trial" failed: x is undefined',
    ],
    [
      'a question about nobody',
      (problem) => problem.margins(problem.originals, [0, 2]) as never,
      'Attack "on-trial" asked the model about instance 2. Expected 3 values for each instance, and instances from 0 to 1.',
    ],
    [
      'a question with half a candidate',
      (problem) => problem.gradient(new Float32Array(4), [0], 'margin') as never,
      'asked the model about 4 values for 1 instances',
    ],
  ])('from an attack: %s', async (_what, search, message) => {
    await expect(run(search)).rejects.toMatchObject({ code: 'contract', message: expect.stringContaining(message) });
  });

  it('names instances by their place in the whole set', async () => {
    await expect(run(returns([0, 0, 0, 0, NaN, 0]), { firstInstance: 40 })).rejects.toThrow(
      'for instance 41, feature 1',
    );
  });

  const wide = { ...model, shape: { channels: 1, height: 3, width: 1 } };
  it.each<[string, Partial<EvadeInput>, string]>([
    [
      'images of another shape than the model takes',
      { classifier: wide },
      'The model takes images of shape 1x3x1. Received images of shape 1x1x3',
    ],
    ['images of another shape than the verifier takes', { verifier: wide }, 'The model takes images of shape 1x3x1'],
    ['too few labels', { labels: Int32Array.of(0) }, 'Expected one of labels for each of 2 images. Received 1.'],
    [
      'a label that is no class',
      { labels: Int32Array.of(0, 2) },
      "Expected labels from 0 to 1, one of the model's 2 classes. Received 2 at index 1.",
    ],
    ['a target that is no class', { targets: Int32Array.of(-1, 0) }, 'Expected targets from 0 to 1'],
    [
      'a pixel outside the box',
      { images: imageBatch(Float32Array.of(0, 0, 0, 0, 0.75, 0), SHAPE, PUBLICATION_BOX) },
      "Expected pixels inside the images' box [-0.5, 0.5]. Received 0.75 in image 1, feature 1.",
    ],
    [
      'a pixel that is NaN',
      { images: imageBatch(Float32Array.of(NaN, 0, 0, 0, 0, 0), SHAPE, pixelBox(0, 1)) },
      'Received NaN in image 0, feature 0',
    ],
  ])('%s', async (_what, input, message) => {
    await expect(run(shift(0), input)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining(message),
    });
  });

  it.each([0, -1, 1.5, NaN])('a batch size of %d', async (batchSize) => {
    await expect(run(shift(0), { batchSize })).rejects.toMatchObject({ code: 'usage' });
  });

  it('a verdict of NaN, which would pass for a class', async () => {
    await expect(run(shift(0), { verifier: plane([NaN, 0, 0]) })).rejects.toMatchObject({
      code: 'bad-model',
      message: expect.stringContaining(
        'Expected 4 finite logits from the model that judges the examples. Received NaN at index 1',
      ),
    });
  });
});

it('margin of the model of this spec is w x + b', async () => {
  expect(margin(await model.logits(Float32Array.of(0.5, 0, 0)), 0, 2, 1)).toBe(0.625);
});

describe('evade on 8-bit values', () => {
  it('asks about points inside of a ball that ends between two levels, and finds what evades there', async () => {
    const epsilon = 25.5 / 255;
    const model = plane([1, 0, 0], 0.45);
    const asked: Float32Array[] = [];
    const definition = defineAttack({
      name: 'to-the-edge',
      summary: 'Asks about the edge of the ball',
      source: 'This spec',
      version: 1,
      family: 'budget',
      norms: ['linf'],
      params: z.object({}),
      each: () => async (instance) => {
        await instance.margin(instance.original.map((value) => value + instance.epsilon));
      },
    });
    const { adversarial, evaded } = await evade({
      attack: new Registry('attack', [definition]).resolve({ name: 'to-the-edge', params: { epsilon } }),
      classifier: {
        ...model,
        logits: (images) => {
          asked.push(images.slice());
          return model.logits(images);
        },
      },
      verifier: model,
      images: imageBatch(new Float32Array(FEATURES).fill(-0.5), SHAPE, PUBLICATION_BOX),
      labels: Int32Array.of(0),
      feasible: { values: '8-bit' },
      rng: Rng.root(1),
    });
    for (const point of [asked.at(-1)!, adversarial.data]) {
      for (const value of point) expect((value + 0.5) * 255).toBeCloseTo(25, 3);
    }
    expect([...evaded]).toEqual([1]);
  });
});
