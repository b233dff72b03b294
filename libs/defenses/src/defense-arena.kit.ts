import { attacks } from '@rampart/attacks';
import { imageBatch, type LabelledImages, type Parameters, PUBLICATION_BOX, Rng } from '@rampart/core';
import { openClassifier } from '@rampart/models';
import { float32Tensor, GraphBuilder, writeModel } from '@rampart/onnx';
import type { DefenseCheckOptions } from '@rampart/testing';

const SIDE = 8;
const FEATURES = SIDE * SIDE;
const COUNT = 96;

/** What defenses are proved on: images brighter on the left or on the right, and a network that tells them apart. */
export function defenseArena(params: Parameters, activation: 'Tanh' | 'Relu' = 'Tanh'): DefenseCheckOptions {
  return {
    params,
    model: network(activation),
    train: images(),
    classes: 2,
    malicious: 0,
    attacks,
    engine: 'onnx',
    open: (model) => openClassifier(model, { box: PUBLICATION_BOX }),
    leastAccuracy: 0.9,
  };
}

function images(): LabelledImages {
  const rng = Rng.root('defense arena');
  const labels = Int32Array.from({ length: COUNT }, (_, i) => i % 2);
  const data = Float32Array.from({ length: COUNT * FEATURES }, (_, k) => {
    const left = k % SIDE < SIDE / 2;
    const bright = left === (labels[Math.floor(k / FEATURES)] === 0);
    return (bright ? 0.15 : -0.15) + 0.3 * (rng.uniform() - 0.5);
  });
  return { images: imageBatch(data, { channels: 1, height: SIDE, width: SIDE }, PUBLICATION_BOX), labels };
}

/** Two hidden units, one for each half, as a training from these images finds them; nothing is left to chance. */
function network(activation: string): Uint8Array {
  const rng = Rng.root('defense arena weights');
  const builder = new GraphBuilder();
  builder.input('input', 'float32', ['batch', 1, SIDE, SIDE]);
  const hidden = Float32Array.from({ length: FEATURES * 2 }, (_, k) => {
    const left = Math.floor(k / 2) % SIDE < SIDE / 2;
    return (left === (k % 2 === 0) ? 0.2 : -0.2) + 0.02 * rng.normal();
  });
  builder.initializer('hidden/kernel', float32Tensor([FEATURES, 2], hidden));
  builder.initializer('hidden/bias', float32Tensor([2], Float32Array.of(0.1, 0.1)));
  builder.initializer('logits/kernel', float32Tensor([2, 2], Float32Array.of(1, -1, -1, 1)));
  builder.initializer('logits/bias', float32Tensor([2], Float32Array.of(0, 0)));
  const flat = builder.node('Flatten', ['input'], { axis: 1 });
  const active = builder.node(activation, [builder.node('Gemm', [flat, 'hidden/kernel', 'hidden/bias'])]);
  const [logits] = builder.node('Gemm', [active, 'logits/kernel', 'logits/bias'], {}, { outputs: ['logits'] });
  builder.output(logits!, 'float32', ['batch', 2]);
  return writeModel({
    irVersion: 10,
    opsets: new Map([['', 21]]),
    producer: 'defense arena',
    metadata: new Map(),
    functions: [],
    graph: builder.build('defense arena'),
  });
}
