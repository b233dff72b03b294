import { featureCount, type Rng } from '@rampart/core';
import { type Node, stepOperators, withOutputs } from '@rampart/onnx';

import { BatchedSession } from '../classifier/batched-session';
import { type DifferentiableOnnxClassifier, sessionOptions } from '../classifier/open-classifier';

/** Operators that pass no gradient where their output is at an end, and when it is there. */
const FLAT: Readonly<Record<string, { readonly at: (y: number) => boolean; readonly said: string }>> = {
  Relu: { at: (y) => y === 0, said: 'are 0: units that are off, or dead' },
  HardSigmoid: { at: (y) => y === 0 || y === 1, said: 'are at 0 or 1: saturated' },
  Sigmoid: { at: (y) => y < 1e-7 || y > 1 - 1e-7, said: 'are at 0 or 1: saturated' },
  Tanh: { at: (y) => Math.abs(y) > 1 - 1e-7, said: 'are at -1 or 1: saturated' },
  Softmax: { at: (y) => y < 1e-7 || y > 1 - 1e-7, said: 'are at 0 or 1: saturated' },
};

/** The part of a layer's values from which on it is named. */
const MOSTLY = 0.8;

/** Layers that are named, those with the most flat values first. */
const NAMED = 3;

/**
 * Why most elements of a gradient are zero: pixels without influence, operators that change in steps only, and layers
 * most of whose values are where their function is flat. What is found is said as clauses; nothing where nothing is.
 * @param images the images of the gradient, [count, features]
 */
export async function whyZero(
  classifier: DifferentiableOnnxClassifier,
  images: Float32Array,
  gradient: Float32Array,
  rng: Rng,
): Promise<string[]> {
  const { prepared } = classifier;
  const { model, types, input, logits } = prepared;
  const idle = await withoutInfluence(classifier, images, gradient, rng);
  const steps = stepOperators({ ...types, model }, { from: input, to: logits }).operators;
  return [
    ...(idle > 0
      ? [`${idle} of ${featureCount(classifier.shape)} values of an image have no influence on the answer`]
      : []),
    ...(steps.length > 0 ? [`${steps.join(', ')} ${steps.length === 1 ? 'changes' : 'change'} in steps only`] : []),
    ...(await flatLayers(classifier, images)),
  ];
}

/** How many features are zero in every gradient and change no answer when they are all drawn anew. */
async function withoutInfluence(
  classifier: DifferentiableOnnxClassifier,
  images: Float32Array,
  gradient: Float32Array,
  rng: Rng,
): Promise<number> {
  const { box } = classifier;
  const features = featureCount(classifier.shape);
  const idle = new Set(Array.from({ length: features }, (_, k) => k));
  gradient.forEach((slope, i) => slope !== 0 && idle.delete(i % features));
  const moved = images.map((value, i) =>
    idle.has(i % features) ? box.min + (box.max - box.min) * rng.uniform() : value,
  );
  const [before, after] = [await classifier.logits(images), await classifier.logits(moved)];
  return before.every((logit, i) => logit === after[i]) ? idle.size : 0;
}

async function flatLayers(classifier: DifferentiableOnnxClassifier, images: Float32Array): Promise<string[]> {
  const { prepared } = classifier;
  const { channels, height, width } = classifier.shape;
  const { nodes } = withOutputs(prepared.model, [prepared.logits]).graph;
  const layers = nodes.filter(
    ({ op, domain, outputs }) =>
      domain === '' && Object.hasOwn(FLAT, op) && prepared.types.values.get(outputs[0]!)?.type === 'float32',
  );
  if (layers.length === 0) return [];
  const names = layers.map(({ outputs }) => outputs[0]!);
  const session = await BatchedSession.open(withOutputs(prepared.model, names), sessionOptions(prepared, {}));
  try {
    const feed = { type: 'float32', data: images, dims: [channels, height, width] } as const;
    const values = await session.run({ [prepared.input]: feed }, images.length / featureCount(classifier.shape));
    return layers
      .map((node: Node, i) => {
        const { at } = FLAT[node.op]!;
        return { node, share: values[i]!.filter(at).length / values[i]!.length };
      })
      .filter(({ share }) => share >= MOSTLY)
      .sort((a, b) => b.share - a.share)
      .slice(0, NAMED)
      .map(
        ({ node, share }) =>
          `${(100 * share).toFixed(0)}% of the values behind ${node.op} "${node.outputs[0]}" ${FLAT[node.op]!.said}`,
      );
  } finally {
    await session.dispose();
  }
}
