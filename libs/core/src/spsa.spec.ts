import type { Classifier } from './classifier';
import { pixelBox } from './pixel-box';
import { Rng } from './rng';
import { spsaGradients, withEstimatedGradients } from './spsa';

const FEATURES = 6;
const WEIGHTS = Float32Array.of(1, -2, 0.5, 3, -1, 0.25);
const box = pixelBox(-1, 1);
const rngs = (count: number) => Array.from({ length: count }, (_, i) => Rng.root('spsa').split(i));
const dot = (values: Float32Array, row: number) =>
  WEIGHTS.reduce((sum, weight, k) => sum + weight * values[row * FEATURES + k]!, 0);

describe('spsaGradients', () => {
  it('comes to the gradient of a linear function as samples grow', async () => {
    const points = Float32Array.from({ length: 2 * FEATURES }, (_, i) => Math.sin(i) / 2);
    const linear = async (candidates: Float32Array, indices: readonly number[]) =>
      indices.map((_, row) => dot(candidates, row));
    const error = async (samples: number) => {
      const gradient = await spsaGradients(points, rngs(2), linear, { samples, radius: 0.1, box });
      return Math.hypot(...gradient.map((value, i) => value - WEIGHTS[i % FEATURES]!));
    };
    expect(await error(4000)).toBeLessThan(0.25);
    expect(await error(40)).toBeGreaterThan(await error(4000));
  });

  it('is exact along a single feature, at a bound too', async () => {
    const cubic = async (candidates: Float32Array) => Array.from(candidates, (value) => 5 * value);
    const gradient = await spsaGradients(Float32Array.of(0.2, 1, -1), rngs(3), cubic, { samples: 3, radius: 0.1, box });
    gradient.forEach((value) => expect(value).toBeCloseTo(5, 4));
  });

  it('asks inside the box only', async () => {
    const asked: number[] = [];
    const watch = async (candidates: Float32Array, indices: readonly number[]) => {
      asked.push(...candidates);
      return indices.map(() => 0);
    };
    const points = Float32Array.of(1, -1, 0.99, 0, 0, 0);
    const gradient = await spsaGradients(points, rngs(1), watch, { samples: 8, radius: 0.3, box });
    expect(asked.every((value) => value >= -1 && value <= 1)).toBe(true);
    expect(gradient).toEqual(new Float32Array(FEATURES));
  });
});

describe('withEstimatedGradients', () => {
  /** Three logits, the second a step, as trees have it. */
  class Steps implements Classifier {
    readonly shape = { channels: 1, height: 1, width: FEATURES };
    readonly box = box;
    readonly classes = 3;
    queries = 0;
    async logits(images: Float32Array): Promise<Float32Array> {
      const count = images.length / FEATURES;
      this.queries += count;
      return Float32Array.from({ length: count * 3 }, (_, i) => {
        const score = dot(images, Math.floor(i / 3));
        return i % 3 === 0 ? score : i % 3 === 1 ? Math.sign(score) : -1;
      });
    }
  }

  const images = Float32Array.from({ length: 4 * FEATURES }, (_, i) => Math.cos(i * 1.3) / 3);
  const labels = Int32Array.of(0, 1, 0, 2);

  it.each(['margin', 'cross-entropy'] as const)(
    'gives each image its own %s estimate, whatever the batch',
    async (loss) => {
      const model = withEstimatedGradients(new Steps(), { samples: 16, radius: 0.1, seed: 7 });
      const together = await model.lossGradient(images, labels, loss);
      for (let i = 0; i < 4; i++) {
        const one = images.slice(i * FEATURES, (i + 1) * FEATURES);
        const alone = await model.lossGradient(one, labels.slice(i, i + 1), loss);
        expect(alone.gradient).toEqual(together.gradient.slice(i * FEATURES, (i + 1) * FEATURES));
        expect(alone.losses[0]).toBe(together.losses[i]);
      }
    },
  );

  it('costs two queries a sample and one for the point', async () => {
    const model = withEstimatedGradients(new Steps(), { samples: 5, radius: 0.1, seed: 7 });
    await model.lossGradient(images, labels, 'margin');
    expect(model.queries).toBe(4 * (2 * 5 + 1));
  });

  it.each([
    [0, 0.1],
    [1.5, 0.1],
    [4, 0],
  ])('refuses samples=%d, radius=%d', (samples, radius) => {
    expect(() => withEstimatedGradients(new Steps(), { samples, radius, seed: 1 })).toThrow(/1 or more samples/);
  });
});
