import { PUBLICATION_BOX, Rng } from '@rampart/core';
import {
  type AttributeInputs,
  float,
  float32Tensor,
  GraphBuilder,
  int64Vector,
  type Model,
  probe,
  scalar,
  Session,
  type Tensor,
  writeModel,
} from '@rampart/onnx';

import { openVerifier } from '../../classifier/open-classifier';
import { createModel } from '../../layers-model';
import { momentModel } from './moments';
import { MOMENT_RULES } from './rules';

const SIGMA = 0.3;
const DRAWS = 20_000;
const rng = Rng.root('moments');

const sizeOf = (dims: readonly number[]) => dims.reduce((product, size) => product * size, 1);
const drawn = (...dims: number[]): Tensor =>
  float32Tensor(
    dims,
    Float32Array.from({ length: sizeOf(dims) }, () => rng.normal() / 2),
  );

interface Case {
  /** Of one image. */
  readonly dims: readonly number[];
  readonly constants?: readonly (Tensor | undefined)[];
  readonly attributes?: AttributeInputs;
  /** Where among the inputs the image stands. Default 0. */
  readonly at?: number;
}

const positive = (size: number) =>
  float32Tensor(
    [size],
    Float32Array.from({ length: size }, (_, i) => 0.5 + i),
  );

/** Every operator that does more than move values. */
const CASES: Readonly<Record<string, Case>> = {
  Conv: {
    dims: [2, 5, 5],
    constants: [drawn(4, 1, 3, 2), drawn(4)],
    attributes: { group: 2, strides: [2, 1], pads: [1, 0, 1, 1] },
  },
  ConvTranspose: { dims: [2, 3, 3], constants: [drawn(2, 3, 2, 2), drawn(3)], attributes: { strides: [2, 2] } },
  Gemm: { dims: [6], constants: [drawn(4, 6), drawn(4)], attributes: { transB: 1, alpha: float(0.5), beta: float(2) } },
  MatMul: { dims: [3, 4], constants: [drawn(4, 2)] },
  BatchNormalization: { dims: [3, 2, 2], constants: [drawn(3), drawn(3), drawn(3), positive(3)] },
  Relu: { dims: [30] },
  MaxPool: { dims: [2, 5, 4], attributes: { kernel_shape: [1, 2], strides: [2, 2], pads: [0, 1, 0, 1] } },
  AveragePool: { dims: [1, 5, 5], attributes: { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 1, 0, 0] } },
  GlobalAveragePool: { dims: [2, 3, 3] },
  ReduceMean: { dims: [2, 3], constants: [int64Vector([1])], attributes: { keepdims: 0 } },
  ReduceSum: { dims: [2, 3], constants: [int64Vector([2])], attributes: { keepdims: 0 } },
  Add: { dims: [1, 3], constants: [drawn(2, 3)] },
  Sub: { dims: [3], constants: [drawn(3)], at: 1 },
  Mul: { dims: [2, 3], constants: [drawn(2, 1)] },
  Div: { dims: [2, 3], constants: [positive(3)] },
  Neg: { dims: [4] },
  Pad: { dims: [1, 2, 2], constants: [int64Vector([0, 0, 1, 0, 0, 0, 0, 1]), scalar(0.7)] },
};

function graphOf(op: string, { dims, constants = [], attributes = {}, at = 0 }: Case): Model {
  const builder = new GraphBuilder();
  builder.input('input', 'float32', ['batch', ...dims]);
  const inputs = constants.map((tensor) => (tensor ? builder.constant(tensor) : ''));
  inputs.splice(at, 0, 'input');
  builder.node(op, inputs, attributes, { outputs: ['made'] });
  builder.output('made', 'float32');
  const graph = builder.build(op);
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: 'test', metadata: new Map(), functions: [], graph };
}

async function run(model: Model, input: Tensor): Promise<Record<string, Float32Array>> {
  const session = await Session.open(model);
  const results = await session.run({ input });
  await session.dispose();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

/** Noisy copies of one image. */
function noisy({ data }: Tensor, draws: number): Float32Array {
  const image = data as Float32Array;
  return Float32Array.from({ length: draws * image.length }, (_, k) => image[k % image.length]! + SIGMA * rng.normal());
}

it.each(Object.entries(CASES))('%s: mean and variance are those of many draws', async (op, given) => {
  const model = graphOf(op, given);
  const types = await probe(model);
  const { graph } = types.model;
  const builder = new GraphBuilder({ ...graph, nodes: [], outputs: [] }, { reserved: ['made'] });
  const variance = builder.node('Add', [builder.node('Sub', ['input', 'input']), builder.constant(scalar(SIGMA ** 2))]);
  const [node] = graph.nodes;
  const inputs = node!.inputs.map((name) => (name === 'input' ? { mean: 'input', variance } : undefined));
  const moments = MOMENT_RULES[op]!({ builder, node: node!, types, inputs })!;
  builder.output(moments.mean, 'float32');
  builder.output(moments.variance, 'float32');
  const image = drawn(1, ...given.dims);
  const made = await run({ ...types.model, graph: builder.build(op) }, image);

  const copies = float32Tensor([DRAWS, ...given.dims], noisy(image, DRAWS));
  const { made: values } = await run(model, copies);
  const size = values!.length / DRAWS;
  expect(made[moments.mean]).toHaveLength(size);
  expect(made[moments.variance]).toHaveLength(size);
  for (let k = 0; k < size; k++) {
    let [sum, squares] = [0, 0];
    for (let at = k; at < values!.length; at += size) {
      sum += values![at]!;
      squares += values![at]! ** 2;
    }
    const mean = sum / DRAWS;
    const spread = Math.max(0, squares / DRAWS - mean ** 2);
    expect(Math.abs(made[moments.mean]![k]! - mean)).toBeLessThan(5 * Math.sqrt(spread / DRAWS) + 1e-4);
    expect(Math.abs(made[moments.variance]![k]! - spread)).toBeLessThan(0.06 * spread + 1e-4);
  }
});

const shape = { channels: 1, height: 16, width: 16 };

it('answers by the mean over noise of a network with overlapping maxima, nearly, and by the network itself without', async () => {
  const file = await createModel(
    { name: 'lenet5', params: { pool: 'max', conv1: 4, conv2: 6, dense1: 20, dense2: 10 } },
    { shape, classes: 3, box: PUBLICATION_BOX, rng: Rng.root('weights') },
  );
  const image = Float32Array.from({ length: 256 }, () => (rng.uniform() - 0.5) / 2);
  const logits = async (model: Uint8Array, images: Float32Array) => {
    const verifier = await openVerifier(model, { box: { min: -9, max: 9 } });
    try {
      return await verifier.logits(images);
    } finally {
      await verifier.dispose();
    }
  };
  const plain = await logits(file, image);
  const still = await logits(await momentModel(file, 1e-6), image);
  still.forEach((value, k) => expect(value).toBeCloseTo(plain[k]!, 4));

  const draws = 4000;
  const all = await logits(file, noisy(float32Tensor([256], image), draws));
  const reckoned = await logits(await momentModel(file, SIGMA), image);
  reckoned.forEach((value, k) => {
    let sum = 0;
    for (let at = k; at < all.length; at += 3) sum += all[at]!;
    const [mean, moved] = [sum / draws, Math.abs(sum / draws - plain[k]!)];
    // Elements of a layer are not independent: what is left of the noise's effect is a part of it.
    expect(Math.abs(value - mean)).toBeLessThan(0.3 * moved + 0.01);
  });
});

it('refuses an operator without a rule by name, before anything is made', async () => {
  const builder = new GraphBuilder();
  builder.input('input', 'float32', ['batch', 4]);
  builder.node('Tanh', ['input'], {}, { outputs: ['squashed'] });
  builder.node('Identity', ['squashed'], {}, { outputs: ['logits'] });
  builder.output('logits', 'float32', ['batch', 4]);
  const model = { ...graphOf('Neg', { dims: [4] }), graph: builder.build('squashed') };
  await expect(momentModel(writeModel(model), SIGMA)).rejects.toThrow(
    'The operator Tanh, which makes "squashed", has no rule for the variance of what it is given here.',
  );
});
