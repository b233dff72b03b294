// Networks for benchmarks, with random weights: the graphs that exporters write of them.
import { createRequire } from 'node:module';

const load = createRequire(new URL('../../libs/experiments/package.json', import.meta.url));
const { Rng } = load('@rampart/core');
const onnx = createRequire(load.resolve('@rampart/models'))('@rampart/onnx');
const { float, float32Tensor, GraphBuilder, int64Vector } = onnx;

/** A graph in the making. */
class Network {
  builder = new GraphBuilder();
  rng = Rng.root(1);

  constructor(dims) {
    this.builder.input('input', 'float32', ['batch', ...dims]);
  }

  node(op, inputs, attributes) {
    return this.builder.node(op, inputs, attributes);
  }

  weights(dims, scale) {
    const size = dims.reduce((product, dim) => product * dim, 1);
    return this.builder.constant(
      float32Tensor(
        dims,
        Float32Array.from({ length: size }, () => scale * (2 * this.rng.uniform() - 1)),
      ),
    );
  }

  ints(values) {
    return this.builder.constant(int64Vector(values));
  }

  /** A convolution with its normalisation folded in. */
  conv(x, channels, count, size, { stride = 1, group = 1 } = {}) {
    const scale = Math.sqrt((6 * group) / (channels * size * size));
    const filters = this.weights([count, channels / group, size, size], scale);
    const pad = Math.floor(size / 2);
    return this.node('Conv', [x, filters, this.weights([count], 0.1)], {
      kernel_shape: [size, size],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      group,
    });
  }

  relu(x) {
    return this.node('Relu', [x]);
  }

  linear(x, from, to) {
    const product = this.node('MatMul', [x, this.weights([from, to], 1 / Math.sqrt(from))]);
    return this.node('Add', [product, this.weights([to], 0.1)]);
  }

  model(x, width, classes = 10) {
    const pooled = this.node('Flatten', [this.node('GlobalAveragePool', [x])], { axis: 1 });
    return this.finish(this.linear(pooled, width, classes));
  }

  finish(logits) {
    this.builder.output(logits, 'float32', ['batch', 10]);
    const graph = this.builder.build('network');
    return { irVersion: 9, opsets: new Map([['', 18]]), producer: 'bench', metadata: new Map(), functions: [], graph };
  }
}

/** ResNet-18 for images of 3x32x32 (He et al. 2016). */
export function resnet18() {
  const net = new Network([3, 32, 32]);
  let x = net.relu(net.conv('input', 3, 64, 3));
  let width = 64;
  for (const [count, stride] of [
    [64, 1],
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
    [512, 1],
  ]) {
    const inner = net.relu(net.conv(x, width, count, 3, { stride }));
    const shortcut = stride === 1 && width === count ? x : net.conv(x, width, count, 1, { stride });
    x = net.relu(net.node('Add', [net.conv(inner, count, count, 3), shortcut]));
    width = count;
  }
  return net.model(x, width);
}

/** ResNet-50 for images of 3x224x224. */
export function resnet50() {
  const net = new Network([3, 224, 224]);
  const stem = net.relu(net.conv('input', 3, 64, 7, { stride: 2 }));
  let x = net.node('MaxPool', [stem], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let width = 64;
  for (const [blocks, inner, first] of [
    [3, 64, 1],
    [4, 128, 2],
    [6, 256, 2],
    [3, 512, 2],
  ]) {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 ? first : 1;
      const narrow = net.relu(net.conv(x, width, inner, 1));
      const middle = net.relu(net.conv(narrow, inner, inner, 3, { stride }));
      const shortcut = block === 0 ? net.conv(x, width, 4 * inner, 1, { stride }) : x;
      x = net.relu(net.node('Add', [net.conv(middle, inner, 4 * inner, 1), shortcut]));
      width = 4 * inner;
    }
  }
  return net.model(x, width);
}

/** The beginning of ResNet-50, which is where its maxima are, for images of 3x112x112. */
export function resnetStem() {
  const net = new Network([3, 112, 112]);
  const stem = net.relu(net.conv('input', 3, 64, 7, { stride: 2 }));
  return net.model(net.node('MaxPool', [stem], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }), 64);
}

/** Convolutions with maxima in between, for images of 3x32x32 (Simonyan and Zisserman 2015, narrower). */
export function vgg() {
  const net = new Network([3, 32, 32]);
  let x = 'input';
  let width = 3;
  for (const count of [32, 64, 128]) {
    x = net.relu(net.conv(net.relu(net.conv(x, width, count, 3)), count, count, 3));
    x = net.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
    width = count;
  }
  return net.model(x, width);
}

/** A vision transformer of the width of DeiT-Ti, six layers, patches of 4x4 of 3x32x32 (Dosovitskiy et al. 2021). */
export function vit(width = 192, heads = 3, depth = 6) {
  const net = new Network([3, 32, 32]);
  const patches = net.node('Conv', ['input', net.weights([width, 3, 4, 4], 0.2), net.weights([width], 0.1)], {
    kernel_shape: [4, 4],
    strides: [4, 4],
  });
  const rows = net.node('Reshape', [patches, net.ints([-1, width, 64])]);
  let x = net.node('Add', [net.node('Transpose', [rows], { perm: [0, 2, 1] }), net.weights([1, 64, width], 0.1)]);
  const normalised = (value) =>
    net.node('LayerNormalization', [value, net.weights([width], 1), net.weights([width], 0.1)], {
      axis: -1,
      epsilon: float(1e-5),
    });
  const perHead = (value, perm) =>
    net.node('Transpose', [net.node('Reshape', [value, net.ints([-1, 64, heads, width / heads])])], { perm });
  const number = (value) => net.builder.constant(float32Tensor([], [value]));
  for (let layer = 0; layer < depth; layer++) {
    const [query, key, value] = net.builder.node(
      'Split',
      [net.linear(normalised(x), width, 3 * width)],
      { axis: 2, num_outputs: 3 },
      { outputs: 3 },
    );
    const scores = net.node('MatMul', [perHead(query, [0, 2, 1, 3]), perHead(key, [0, 2, 3, 1])]);
    const scaled = net.node('Mul', [scores, number(1 / Math.sqrt(width / heads))]);
    const attended = net.node('MatMul', [net.node('Softmax', [scaled], { axis: -1 }), perHead(value, [0, 2, 1, 3])]);
    const joined = net.node('Reshape', [
      net.node('Transpose', [attended], { perm: [0, 2, 1, 3] }),
      net.ints([-1, 64, width]),
    ]);
    x = net.node('Add', [x, net.linear(joined, width, width)]);
    const wide = net.linear(normalised(x), width, 4 * width);
    const erf = net.node('Erf', [net.node('Div', [wide, number(Math.SQRT2)])]);
    const gelu = net.node('Mul', [net.node('Mul', [wide, net.node('Add', [erf, number(1)])]), number(0.5)]);
    x = net.node('Add', [x, net.linear(gelu, 4 * width, width)]);
  }
  const pooled = net.node('ReduceMean', [normalised(x), net.ints([1])], { keepdims: 0 });
  return net.finish(net.linear(pooled, width, 10));
}

/** LeNet-5 for images of 1x28x28, with maxima or means (LeCun et al. 1998). */
export function lenet5(pool = 'MaxPool') {
  const net = new Network([1, 28, 28]);
  const halved = (x) => net.node(pool, [x], { kernel_shape: [2, 2], strides: [2, 2] });
  const filters = (count, channels) => [net.weights([count, channels, 5, 5], 0.2), net.weights([count], 0.1)];
  const first = halved(net.relu(net.node('Conv', ['input', ...filters(6, 1)], { pads: [2, 2, 2, 2] })));
  const second = halved(net.relu(net.node('Conv', [first, ...filters(16, 6)])));
  const flat = net.node('Flatten', [second], { axis: 1 });
  return net.finish(net.linear(net.relu(net.linear(net.relu(net.linear(flat, 400, 120)), 120, 84)), 84, 10));
}

/** Two bidirectional layers of 128 units over 50 steps of 40 features. */
export function lstm() {
  const net = new Network([1, 50, 40]);
  let x = net.node('Transpose', [net.node('Squeeze', ['input', net.ints([1])])], { perm: [1, 0, 2] });
  let width = 40;
  for (let layer = 0; layer < 2; layer++) {
    const y = net.node(
      'LSTM',
      [x, net.weights([2, 512, width], 0.09), net.weights([2, 512, 128], 0.09), net.weights([2, 1024], 0.09)],
      { hidden_size: 128, direction: 'bidirectional' },
    );
    x = net.node('Reshape', [net.node('Transpose', [y], { perm: [0, 2, 1, 3] }), net.ints([50, -1, 256])]);
    width = 256;
  }
  return net.finish(net.linear(net.node('ReduceMean', [x, net.ints([0])], { keepdims: 0 }), 256, 10));
}

/** Six dense layers of 2,048 over images of 3x32x32: nearly nothing but weights, 25 million of them and more. */
export function dense() {
  const net = new Network([3, 32, 32]);
  let x = net.node('Flatten', ['input'], { axis: 1 });
  let from = 3072;
  for (let layer = 0; layer < 6; layer++) {
    x = net.relu(net.linear(x, from, 2048));
    from = 2048;
  }
  return net.finish(net.linear(x, from, 10));
}
