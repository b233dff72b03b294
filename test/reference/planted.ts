import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { compose } from '@rampart/models';
import {
  float,
  GraphBuilder,
  int64Vector,
  type Model,
  readModel,
  scalar,
  withOutputs,
  writeModel,
} from '@rampart/onnx';

/*
 * Broken defenses around `mnist-lenet`, each of a kind that published ones were of (Athalye et al. 2018), and what the
 * strongest known attacks leave of them in l-infinity at 0.1 on its 200 images: AutoAttack's points on the undefended
 * network where the decisions are the same, BPDA with APGD, and for `shattered` PGD among the values that the sine can
 * reach, inverted pixel by pixel. See README.md.
 */

/** Robust accuracy at 0.1; that of `random` is the mean over images of the lowest accuracy over draws. */
export const TRUE_ROBUSTNESS = { saturated: 0.59, onehot: 0.59, quantised: 0.29, shattered: 0.205, random: 0.566 };

export type PlantedName = keyof typeof TRUE_ROBUSTNESS;

/** The files by name. */
export const planted: Readonly<Record<PlantedName, () => Uint8Array>> = {
  /** softmax(1e4 z) */
  saturated: () =>
    behind((b, z) => b.node('Softmax', [b.node('Mul', [z, number(b, 1e4)])], { axis: 1 }, { name: 'probs' })),
  /** 1 for the predicted class, 0 for the others. */
  onehot: () =>
    behind((b, z) => {
      const largest = b.node('ReduceMax', [z], { axes: [1], keepdims: 1 });
      return b.node('Where', [b.node('Equal', [z, largest]), number(b, 1), number(b, 0)], {}, { name: 'probs' });
    }),
  /** round(7 x) / 7 */
  quantised: () =>
    inFront((b, x) => b.node('Div', [b.node('Round', [b.node('Mul', [x, number(b, 7)])]), number(b, 7)])),
  /** x + 0.04 sin(300 x) */
  shattered: () =>
    inFront((b, x) => {
      const wave = b.node('Sin', [b.node('Mul', [x, number(b, 300)])]);
      return b.node('Add', [x, b.node('Mul', [wave, number(b, 0.04)])]);
    }),
  /** u x + 0.25 n, with u from 0.7 to 1.3 for each image and n standard normal for each pixel, drawn anew in every run. */
  random: () =>
    inFront((b, x) => {
      const one = b.node('Slice', [
        x,
        ...[
          [0, 0, 0],
          [1, 1, 1],
          [1, 2, 3],
        ].map((at) => b.constant(int64Vector(at))),
      ]);
      const factor = b.node('RandomUniformLike', [one], { low: float(0.7), high: float(1.3), dtype: 1 });
      const noise = b.node('RandomNormalLike', [x], { scale: float(0.25), dtype: 1 });
      return b.node('Add', [b.node('Mul', [x, factor]), noise]);
    }),
};

/**
 * Heads that decide as `mnist-lenet` does and hide its gradients, as people's exports have them: logits times 1,000,
 * which saturate the cross-entropy, and probabilities that are cut off, blended or scaled before they are given out.
 */
export const heads: Readonly<Record<'plain' | 'times1000' | 'clipped' | 'blended' | 'percent', () => Uint8Array>> = {
  plain: () => behind((b, z) => b.node('Identity', [z], {}, { name: 'scores' })),
  times1000: () => behind((b, z) => b.node('Mul', [z, number(b, 1000)], {}, { name: 'scaled' })),
  clipped: () =>
    behind((b, z) => b.node('Clip', [softmax(b, z), number(b, 1e-7), number(b, 1)], {}, { name: 'probs' })),
  blended: () =>
    behind((b, z) =>
      b.node('Add', [b.node('Mul', [softmax(b, z), number(b, 0.98)]), number(b, 0.002)], {}, { name: 'probs' }),
    ),
  percent: () => behind((b, z) => b.node('Mul', [softmax(b, z), number(b, 100)], {}, { name: 'probs' })),
};

const softmax = (b: GraphBuilder, z: string) => b.node('Softmax', [z], { axis: 1 });

const network = (): Model => readModel(new Uint8Array(readFileSync(join(__dirname, 'mnist-lenet.onnx'))));

const number = (b: GraphBuilder, value: number) => b.constant(scalar(value));

function behind(make: (builder: GraphBuilder, logits: string) => string): Uint8Array {
  const model = network();
  const builder = new GraphBuilder(model.graph);
  const output = make(builder, model.graph.outputs[0]!.name);
  builder.output(output, 'float32', ['n', 10]);
  return writeModel(withOutputs({ ...model, graph: builder.build(model.graph.name) }, [output]));
}

function inFront(make: (builder: GraphBuilder, images: string) => string): Uint8Array {
  const model = network();
  const { name: input, dims } = model.graph.inputs[0]!;
  const builder = new GraphBuilder();
  const fed = make(builder, builder.input('image', 'float32', dims));
  builder.output(fed);
  const graph = compose(builder.build('defense'), model.graph, { from: fed, to: input });
  return writeModel(
    withOutputs(
      { ...model, graph },
      model.graph.outputs.map(({ name }) => name),
    ),
  );
}
