import type { DifferentiableClassifier } from './classifier';
import { pixelBox } from './pixel-box';
import { smoothedClassifier } from './smoothed-classifier';

const BOX = pixelBox(-1, 1);

/** Two logits of one feature each: a large slow slope, and a fast wave that hides it. */
const wave: DifferentiableClassifier = {
  shape: { channels: 1, height: 1, width: 2 },
  box: BOX,
  classes: 2,
  logits: async (images) => images.map((x) => x + 0.1 * Math.sin(100 * x)),
  lossGradient: async (images, labels) => ({
    logits: await wave.logits(images),
    losses: new Float32Array(labels.length),
    gradient: images.map((x, i) => (i % 2 === labels[i >> 1]! ? 1 : -1) * (1 + 10 * Math.cos(100 * x))),
  }),
};

describe('a smoothed classifier', () => {
  const images = Float32Array.of(0.1, 0.2, -0.3, 0.4, 0.05, -0.5);
  const labels = Int32Array.of(0, 1, 0);
  const options = { radius: 0.1, samples: 400, seed: 3 };

  it('has the gradient of the smoothed model', async () => {
    const { gradient } = await smoothedClassifier(wave, options).lossGradient(images, labels, 'margin');
    // The expectation of 1 + 10 cos 100 x is 1 + 10 cos(100 x) exp(-50): the wave is gone.
    const signs = [1, -1, -1, 1, 1, -1];
    gradient.forEach((value, i) => expect(Math.abs(value - signs[i]!)).toBeLessThan(1));
    const rough = (await wave.lossGradient(images, labels, 'margin')).gradient;
    expect(Math.max(...rough.map((value, i) => Math.abs(value - signs[i]!)))).toBeGreaterThan(5);
  });

  it('decides, and measures its loss, on the images as they are', async () => {
    const { logits, losses } = await smoothedClassifier(wave, options).lossGradient(images, labels, 'margin');
    const expected = await wave.logits(images);
    expect(logits).toEqual(expected);
    labels.forEach((label, i) =>
      expect(losses[i]).toBeCloseTo(expected[2 * i + label]! - expected[2 * i + 1 - label]!, 6),
    );
  });

  it('gives an image the same gradient in any batch and call', async () => {
    const smoothed = smoothedClassifier(wave, { ...options, samples: 5 });
    const all = await smoothed.lossGradient(images, labels, 'margin');
    const last = await smoothed.lossGradient(images.subarray(4), labels.subarray(2), 'margin');
    expect(last.gradient).toEqual(all.gradient.slice(4));
    const other = await smoothedClassifier(wave, { ...options, samples: 5, seed: 4 }).lossGradient(
      images,
      labels,
      'margin',
    );
    expect(other.gradient).not.toEqual(all.gradient);
  });

  it('asks about images in the box alone', async () => {
    let outside = 0;
    const watched = {
      ...wave,
      lossGradient: (async (near, ...rest) => {
        outside += near.filter((x) => x < BOX.min || x > BOX.max).length;
        return wave.lossGradient(near, ...rest);
      }) as DifferentiableClassifier['lossGradient'],
    };
    await smoothedClassifier(watched, { radius: 5, samples: 3, seed: 1 }).lossGradient(images, labels, 'margin');
    expect(outside).toBe(0);
  });

  it.each([
    { radius: 0, samples: 3 },
    { radius: 0.1, samples: 0 },
    { radius: NaN, samples: 3 },
    { radius: 0.1, samples: 1.5 },
  ])('refuses %p', (bad) => {
    expect(() => smoothedClassifier(wave, { ...bad, seed: 1 })).toThrow(/1 or more samples within a radius above 0/);
  });
});
