import { featureCount, type ImageShape, PUBLICATION_BOX, Rng } from '@rampart/core';
import { createModel } from '@rampart/models';
import { readModel } from '@rampart/onnx';
import { describeEngine, type EngineTask } from '@rampart/testing';

import { engineNamed } from './engines';
import { classification, type Objective, oneHot } from './objective';
import { adam, type Optimiser, sgd } from './optimiser';

const COUNT = 8;
const CLASSES = 3;
const GREY: ImageShape = { channels: 1, height: 20, width: 18 };
const COLOUR: ImageShape = { channels: 3, height: 16, width: 18 };

/** Reconstruct the clean image from a noisy one, and classify the reconstruction: as IAEC trains. */
const JOINT: Objective = {
  terms: [
    { loss: 'mse', input: 'noisy', output: 'reconstruction', target: 'images', weight: 4 },
    { loss: 'cross-entropy', input: 'noisy', output: 'logits', target: 'labels' },
    { loss: 'kl', input: 'images', output: 'logits', target: 'soft', temperature: 3, weight: 0.5 },
  ],
};

const RECONSTRUCTION: Objective = {
  terms: [{ loss: 'mse', input: 'noisy', output: 'reconstruction', target: 'images' }],
};

function weightsOf(file: Uint8Array): Map<string, Float32Array> {
  const { initializers } = readModel(file).graph;
  return new Map([...initializers].flatMap(([name, { data }]) => (data instanceof Float32Array ? [[name, data]] : [])));
}

function task(
  architecture: string,
  shape: ImageShape,
  objective: Objective,
  optimiser: Optimiser,
): EngineTask<Objective, Optimiser> {
  const rng = Rng.root(`${architecture} ${optimiser.name}`);
  const size = featureCount(shape);
  const images = Float32Array.from({ length: COUNT * size }, () => rng.uniform() - 0.5);
  const noisy = images.map((pixel) => pixel + 0.1 * rng.normal());
  const labels = oneHot(
    Array.from({ length: COUNT }, (_, i) => i % CLASSES),
    CLASSES,
  );
  const soft = labels.map((probability) => 0.7 * probability + 0.1);
  const image = [shape.channels, shape.height, shape.width];
  return {
    name: `${architecture}, ${optimiser.name}`,
    model: () => createModel(architecture, { shape, classes: CLASSES, box: PUBLICATION_BOX, rng: rng.split('model') }),
    objective,
    optimiser,
    count: COUNT,
    views: {
      images: { data: images, shape: image },
      noisy: { data: noisy, shape: image },
      labels: { data: labels, shape: [CLASSES] },
      soft: { data: soft, shape: [CLASSES] },
    },
  };
}

const soft = { terms: [{ ...classification().terms[0]!, target: 'soft', temperature: 5 }] };

/** The laws of both engines, and that they train to the same weights. */
export function describeEngines(): void {
  describeEngine(engineNamed('onnx'), {
    reference: engineNamed('tfjs'),
    weights: (file) => weightsOf(file),
    tasks: [
      task('lenet5', GREY, classification(), adam(1e-3)),
      task('lenet5', COLOUR, classification({ weightDecay: 1e-2 }), sgd(0.01, 0.9)),
      task('autoencoder', GREY, RECONSTRUCTION, sgd(0.5, 0.5)),
      task('autoencoder(hidden=24, code=8)', COLOUR, RECONSTRUCTION, adam(1e-3)),
      task('stacked', GREY, JOINT, adam(1e-3, 0.8, 0.99, 1e-6)),
      task('stacked(hidden=24, code=8, conv1=3, conv2=4)', COLOUR, JOINT, sgd(0.01, 0)),
    ],
  });

  describeEngine(engineNamed('tfjs'), {
    weights: (file) => weightsOf(file),
    tasks: [
      task('lenet5(conv1=3, conv2=4)', GREY, soft, sgd(0.1, 0.9)),
      task('stacked(hidden=24, code=5, conv1=2, conv2=3)', COLOUR, JOINT, adam(1e-3)),
    ],
  });
}
