import { isEvasion, logitsOfScores, pixelBox, predictions, REJECTED, sampleShape } from '@rampart/core';
import { float32Tensor, GraphBuilder, type Model, writeModel } from '@rampart/onnx';
import { describeModel } from '@rampart/testing';

import { adoptModel } from '../adopt';
import { withoutGradientNote } from '../classifier/gradient-note';
import { openClassifier, openVerifier } from '../classifier/open-classifier';
import { writeCard } from '../model-card';
import { asRejecting } from './rejection';

const SHAPE = sampleShape([1, 1, 3]);
const BOX = pixelBox(-1, 1);

/** Two classes by the first two pixels; a rejection by the third. */
function model(classes = 2): Model {
  const builder = new GraphBuilder();
  builder.input('input', 'float32', ['batch', 1, 1, 3]);
  const flat = builder.node('Flatten', ['input'], { axis: 1 });
  const weights = builder.constant(float32Tensor([3, 3], [2, 0, 0, 0, 3, 0, 0, 0, 4]));
  builder.node('MatMul', [flat, weights], {}, { outputs: ['logits'] });
  builder.output('logits', 'float32', ['batch', 3]);
  const metadata = writeCard({ architecture: undefined, shape: SHAPE, box: BOX, classes });
  const graph = builder.build('rejecting');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: 'test', metadata, functions: [], graph };
}

const FILE = writeModel(asRejecting(model()));
/** Class 0; class 1; rejected, class 0 in front; rejected, class 1 in front. */
const IMAGES = Float32Array.of(0.5, 0.1, 0.1, 0.2, 0.4, -0.3, 0.5, 0.2, 0.9, 0.1, 0.3, 0.6);

describeModel('that rejects', () => openClassifier(FILE), { obfuscated: ['rejecting'] });

it('has logits of the classes, all the same where a sample is rejected, whatever their label no evasion', async () => {
  const verifier = await openVerifier(FILE);
  expect([verifier.classes, verifier.rejects]).toEqual([2, true]);
  const logits = await verifier.logits(IMAGES);
  const expected = [1, 0.3, 0.4, 1.2, 3.6, 3.6, 2.4, 2.4];
  logits.forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 5));
  const decided = predictions(logits, 2, verifier.rejects);
  expect([...decided]).toEqual([0, 1, REJECTED, REJECTED]);
  expect([0, 1].map((label) => isEvasion(decided[2]!, label))).toEqual([false, false]);
  expect([isEvasion(decided[1]!, 0), isEvasion(decided[1]!, 1), isEvasion(decided[2]!, 1, 0)]).toEqual([
    true,
    false,
    false,
  ]);
  await verifier.dispose();
});

it('is differentiated for a wrong class that is not rejected, and where the attack aims at one, for that', async () => {
  const gradientOf = async (aimed: boolean, image: readonly number[], label: number) => {
    const classifier = await openClassifier(FILE, { aimed });
    const { losses, gradient } = await classifier.lossGradient(
      Float32Array.from(image),
      Int32Array.of(label),
      'margin',
    );
    await classifier.dispose();
    return [losses[0]!, ...gradient].map((value) => Number(value.toFixed(5)));
  };
  // Right and not rejected: the label against the other class. Rejected: the rejection against it.
  expect(await gradientOf(false, [0.5, 0.1, 0.1], 0)).toEqual([0.7, 2, -3, 0]);
  expect(await gradientOf(false, [0.5, 0.2, 0.9], 0)).toEqual([3, 0, -3, 4]);
  expect(await gradientOf(false, [0.2, 0.4, -0.3], 0)).toEqual([-0.8, 2, -3, 0]);
  // The target against the other class, or against the rejection where that is in front of it.
  expect(await gradientOf(true, [0.5, 0.1, 0.1], 1)).toEqual([-0.7, -2, 3, 0]);
  expect(await gradientOf(true, [0.1, 0.5, 0.9], 1)).toEqual([-2.1, 0, 3, -4]);
});

it('tells how far an image is from being accepted, with its logits and with its gradients', async () => {
  const classifier = await openClassifier(FILE);
  const scores = await classifier.scores!(IMAGES);
  const expected = [1, 0.3, 0.4, 0.4, 1.2, -1.2, 1, 0.6, 3.6, 0.2, 0.9, 2.4];
  scores.forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 5));
  expect(logitsOfScores(scores, 2)).toEqual(await classifier.logits(IMAGES));
  for (const loss of ['cross-entropy', 'margin'] as const) {
    expect((await classifier.lossGradient(IMAGES, Int32Array.of(0, 0, 1, 1), loss)).scores).toEqual(scores);
  }
  await classifier.dispose();
  const heedless = await openVerifier(withoutGradientNote(FILE));
  expect(heedless.scores).toBeUndefined();
  await heedless.dispose();
});

it('keeps its column when it is adopted, and is attacked without heed of it where nobody is to take any', async () => {
  const adopted = await openVerifier(await adoptModel(FILE, { shape: SHAPE, box: BOX }));
  expect([...predictions(await adopted.logits(IMAGES), 2, adopted.rejects)]).toEqual([0, 1, REJECTED, REJECTED]);
  await adopted.dispose();
  const heedless = await openVerifier(withoutGradientNote(FILE));
  expect([heedless.classes, heedless.rejects]).toEqual([2, false]);
  expect([...predictions(await heedless.logits(IMAGES), 2)]).toEqual([0, 1, 0, 1]);
  await heedless.dispose();
});

it('refuses an output without two classes beside the rejection', async () => {
  const builder = new GraphBuilder();
  builder.input('input', 'float32', ['batch', 1, 1, 3]);
  const flat = builder.node('Flatten', ['input'], { axis: 1 });
  const weights = builder.constant(float32Tensor([3, 2], [1, 0, 0, 1, 1, 1]));
  builder.node('MatMul', [flat, weights], {}, { outputs: ['logits'] });
  builder.output('logits', 'float32', ['batch', 2]);
  const two = asRejecting({ ...model(1), graph: builder.build('two columns') });
  await expect(openVerifier(writeModel(two))).rejects.toThrow(/two classes or more and a column for a rejection/);
});
