// One thread of rampart-side.mjs.
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';

const load = createRequire(new URL('../../../libs/experiments/package.json', import.meta.url));
const { attacks } = load('@rampart/attacks');
const { evade, featureCount, imageBatch, parseComponent, pixelBox, Rng } = load('@rampart/core');
const { openClassifier } = load('@rampart/models');

const box = pixelBox(0, 1);
const opened = new Map();

const methods = {
  async open({ name, bytes, data, labels }) {
    const classifier = await openClassifier(bytes, { box });
    opened.set(name, { classifier, data, labels });
  },

  async gradients({ name, times, first, end }) {
    const { classifier, data, labels } = opened.get(name);
    const size = featureCount(classifier.shape);
    const images = data.subarray(first * size, end * size);
    let last;
    for (let time = 0; time < times; time++) {
      last = await classifier.lossGradient(images, labels.subarray(first, end), 'cross-entropy');
    }
    return last.gradient;
  },

  async attack({ name, text, first, end }) {
    const { classifier, data, labels } = opened.get(name);
    const size = featureCount(classifier.shape);
    const { evaded, forwardEvaluations, gradientEvaluations } = await evade({
      attack: attacks.resolve(parseComponent(text)),
      classifier,
      verifier: classifier,
      images: imageBatch(data.subarray(first * size, end * size), classifier.shape, box),
      labels: labels.subarray(first, end),
      firstInstance: first,
      rng: Rng.root(1).split('attack'),
    });
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    return {
      robust: evaded.length - sum(evaded),
      forward: sum(forwardEvaluations),
      gradients: sum(gradientEvaluations),
    };
  },
};

parentPort.on('message', async ({ method, params }) => {
  try {
    parentPort.postMessage({ result: await methods[method](params) });
  } catch (error) {
    parentPort.postMessage({ error });
  }
});
