import { PUBLICATION_BOX, Rng } from '@rampart/core';
import { readModel, writeModel } from '@rampart/onnx';

import { createModel } from '../layers-model';
import { openClassifier } from './open-classifier';
import { noteGradient } from './gradient-note';
import { openForAttack } from './open-for-attack';

const shape = { channels: 1, height: 16, width: 16 };
const images = Float32Array.from({ length: 2 * 256 }, (_, i) => Math.sin(i) / 2);
const labels = Int32Array.of(0, 1);
const lenet5 = () => createModel('lenet5', { shape, classes: 2, box: PUBLICATION_BOX, rng: Rng.root(1) });

async function gradientOf(file: Uint8Array): Promise<Float32Array> {
  const classifier = await openForAttack(file);
  const { gradient } = await classifier.lossGradient(images, labels, 'margin');
  await classifier.dispose();
  return gradient;
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

describe('openForAttack', () => {
  it('has true gradients where nothing else is noted', async () => {
    const file = await lenet5();
    const classifier = await openClassifier(file);
    expect(await gradientOf(file)).toEqual((await classifier.lossGradient(images, labels, 'margin')).gradient);
    await classifier.dispose();
  });

  it('estimates them where the file says so, the better the more samples', async () => {
    const file = await lenet5();
    const exact = await gradientOf(file);
    const few = await gradientOf(noteGradient(file, { samples: 4, radius: 0.01 }));
    const many = await gradientOf(noteGradient(file, { samples: 400, radius: 0.01 }));
    expect(cosine(many, exact)).toBeGreaterThan(0.7);
    expect(cosine(few, exact)).toBeLessThan(cosine(many, exact));
  });

  it('estimates every loss', async () => {
    const classifier = await openForAttack(noteGradient(await lenet5(), { samples: 2, radius: 0.01 }));
    const logits = await classifier.logits(images);
    for (const loss of ['difference', 'targeted-dlr', 'dlr', 'margin'] as const) {
      const { losses } = await classifier.lossGradient(images, labels, loss, Int32Array.of(1, 0));
      expect(losses).toEqual(Float32Array.of(logits[0]! - logits[1]!, logits[3]! - logits[2]!));
    }
    await classifier.dispose();
  });

  it('refuses a note that it cannot read', async () => {
    const model = readModel(await lenet5());
    const file = writeModel({ ...model, metadata: new Map([...model.metadata, ['rampart.gradient', 'guess()']]) });
    await expect(openForAttack(file)).rejects.toMatchObject({ code: 'bad-model' });
  });
});
