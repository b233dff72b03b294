// Training samples and input gradients a second on LeNet-5, for every engine that is present.
import { createRequire } from 'node:module';

import { compare } from './compare.mjs';

const load = createRequire(new URL('../../libs/experiments/package.json', import.meta.url));
const { PUBLICATION_BOX, Rng } = load('@rampart/core');
const { createModel, openClassifier, toLayersModel } = load('@rampart/models');
const { adam, classification, engines, oneHot } = load('@rampart/training');
const tf = createRequire(load.resolve('@rampart/training'))('@tensorflow/tfjs-core');

const BATCH = 128;
const STEPS = 10;
const SHAPE = { channels: 1, height: 28, width: 28 };

export default async function bench() {
  for (const pool of ['average', 'max']) {
    const rng = Rng.root(1);
    const model = await createModel(`lenet5(pool=${pool})`, { shape: SHAPE, classes: 2, box: PUBLICATION_BOX, rng });
    const images = Float32Array.from({ length: BATCH * 784 }, () => rng.uniform() - 0.5);
    const labels = Int32Array.from({ length: BATCH }, () => rng.integer(2));
    const views = {
      images: { data: images, shape: [1, 28, 28] },
      labels: { data: oneHot(labels, 2), shape: [2] },
    };

    const training = [];
    for (const engine of engines) {
      if (!(await engine.available()).ok) continue;
      const session = await engine.start({ model, objective: classification(), optimiser: adam(), threads: 1 });
      training.push({
        name: engine.name,
        where: await engine.describe(),
        work: BATCH * STEPS,
        async run() {
          for (let step = 0; step < STEPS; step++) await session.step(views, BATCH);
        },
      });
    }
    training.sort((a) => (a.name === 'tfjs' ? -1 : 1));
    for (const { name, where } of training) console.log(`${name}: ${where}`);
    console.log(`\nTraining, lenet5(pool=${pool}), batches of ${BATCH}, one thread:`);
    await compare('samples', training);

    const classifier = await openClassifier(model, { threads: 1 });
    const { model: layers } = await toLayersModel(model);
    // Channels last, as tfjs has them; one channel needs no rearranging.
    const input = tf.tensor4d(images, [BATCH, 28, 28, 1]);
    const target = tf.tensor2d(oneHot(labels, 2), [BATCH, 2]);
    const lossGradient = tf.grad((x) => tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(layers.apply(x))))));
    console.log(`\nInput gradients of the cross-entropy, lenet5(pool=${pool}), batches of ${BATCH}, one thread:`);
    await compare('gradients', [
      {
        name: 'tfjs',
        work: BATCH * STEPS,
        async run() {
          for (let step = 0; step < STEPS; step++) {
            const gradient = tf.tidy(() => lossGradient(input));
            await gradient.data();
            gradient.dispose();
          }
        },
      },
      {
        name: 'onnx',
        work: BATCH * STEPS,
        async run() {
          for (let step = 0; step < STEPS; step++) await classifier.lossGradient(images, labels, 'cross-entropy');
        },
      },
      {
        name: 'onnx, forward only',
        work: BATCH * STEPS,
        async run() {
          for (let step = 0; step < STEPS; step++) await classifier.logits(images);
        },
      },
    ]);
    await classifier.dispose();
  }
}
