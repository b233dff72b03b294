import { PUBLICATION_BOX, Rng } from '@rampart/core';

import { openVerifier } from '../classifier/open-classifier';
import { createModel } from '../layers-model';
import { ensembleOf } from './ensemble';
import { repeated } from './repeated';

const shape = { channels: 1, height: 16, width: 16 };
const rng = Rng.root('ensembles');
const images = Float32Array.from({ length: 5 * 256 }, () => rng.uniform() - 0.5);

const member = (spec: string, classes = 3) =>
  createModel(spec, { shape, classes, box: PUBLICATION_BOX, rng: rng.split(spec) });

async function logitsOf(file: Uint8Array): Promise<Float32Array> {
  const verifier = await openVerifier(file);
  try {
    return await verifier.logits(images);
  } finally {
    await verifier.dispose();
  }
}

/** Whether the class of each logit has the largest of its row. */
function wins(logits: Float32Array): Float32Array {
  return logits.map((value, i) => Number(value === Math.max(...logits.subarray(i - (i % 3), i - (i % 3) + 3))));
}

it('answers by the mean of its members, or by the part of them that each class wins', async () => {
  const files = await Promise.all(['lenet5', 'lenet5(conv1=3)', 'lenet5(conv2=5)'].map((spec) => member(spec)));
  const each = await Promise.all(files.map(logitsOf));
  const mean = (rows: readonly Float32Array[], at: number) =>
    rows.reduce((sum, row) => sum + row[at]!, 0) / rows.length;
  (await logitsOf(ensembleOf(files, 'mean'))).forEach((value, i) => expect(value).toBeCloseTo(mean(each, i), 5));
  (await logitsOf(ensembleOf(files, 'vote'))).forEach((value, i) =>
    expect(Math.exp(value) - 1 / 6).toBeCloseTo(mean(each.map(wins), i), 5),
  );
});

it('refuses members that tell other classes apart', async () => {
  const files = [await member('lenet5'), await member('lenet5(conv1=3)', 4)];
  expect(() => ensembleOf(files, 'mean')).toThrow(/same samples and tell the same classes apart/);
});

it('repeats each image with noise: with none to speak of the mean is the model, and the vote its class', async () => {
  const file = await member('lenet5');
  const expected = await logitsOf(file);
  const mean = await logitsOf(repeated(file, { copies: 4, sigma: 1e-6, answer: 'mean' }));
  mean.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
  const vote = await logitsOf(repeated(file, { copies: 4, sigma: 1e-6, answer: 'vote' }));
  vote.forEach((value, i) => expect(Math.exp(value) - 1 / 8).toBeCloseTo(wins(expected)[i]!, 5));
});
