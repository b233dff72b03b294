import { averagedClassifier } from './averaged-classifier';
import type { DifferentiableClassifier } from './classifier';
import { pixelBox } from './pixel-box';

/** Logits and gradients that tell which row of the run they come from. */
function counting(): DifferentiableClassifier & { rows: number[] } {
  const rows: number[] = [];
  return {
    rows,
    shape: { channels: 1, height: 1, width: 2 },
    box: pixelBox(0, 1),
    classes: 2,
    async logits(images) {
      rows.push(images.length / 2);
      return Float32Array.from({ length: images.length }, (_, i) => images[i]! + Math.floor(i / 2));
    },
    async lossGradient(images, labels, _loss, rivals) {
      const logits = await this.logits(images);
      return {
        logits,
        losses: Float32Array.from(labels, (label, i) => label + i + 10 * (rivals?.[i] ?? 0)),
        gradient: Float32Array.from(images, (_, i) => Math.floor(i / 2)),
      };
    },
  };
}

describe('averagedClassifier', () => {
  it('asks about every image several times and answers with the means, each image its own', async () => {
    const model = counting();
    const averaged = averagedClassifier(model, 3);
    const images = Float32Array.of(0, 0.5, 1, 0.25);
    expect(await averaged.logits(images)).toEqual(Float32Array.of(1, 1.5, 5, 4.25));
    const { losses, gradient } = await averaged.lossGradient(
      images,
      Int32Array.of(0, 1),
      'difference',
      Int32Array.of(1, 0),
    );
    expect(losses).toEqual(Float32Array.of(11, 5));
    expect(gradient).toEqual(Float32Array.of(1, 1, 4, 4));
    expect(model.rows).toEqual([6, 6]);
  });

  it('is the model itself for one sample', () => {
    const model = counting();
    expect(averagedClassifier(model, 1)).toBe(model);
  });
});
