import { GraphBuilder } from '../graph/builder';
import type { Model, Tensor } from '../graph/ir';
import { withOutputs } from '../graph/outputs';
import { float32Tensor, int64Vector, scalar } from '../graph/tensor';
import { compareGradients } from '../runtime/finite-differences';
import { probe } from '../runtime/probe';
import { Session } from '../runtime/session';
import { Numbers } from './check-rule.kit';
import { differentiate } from './differentiate';
import { gradientSupport } from './registry';

const numbers = new Numbers(6);

function modelOf(build: (builder: GraphBuilder) => void): Model {
  const builder = new GraphBuilder();
  build(builder);
  const graph = builder.build('graph');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: '', metadata: new Map(), functions: [], graph };
}

async function gradientsOf(model: Model, of: string, wrt: readonly string[], feeds: Record<string, Tensor>) {
  const types = await probe(model, { feeds });
  const { model: differentiated, gradients } = differentiate(model, { of, wrt, types });
  const session = await Session.open(withOutputs(differentiated, [...new Set(gradients.values())]));
  try {
    const results = await session.run(feeds);
    return Object.fromEntries(wrt.map((name) => [name, results[gradients.get(name)!]!]));
  } finally {
    await session.dispose();
  }
}

/** x, used twice; w, an initializer; y = sum((x w) x) along rows. */
const quadratic = () =>
  modelOf((b) => {
    b.input('x', 'float32', ['N', 2]);
    b.input('unused', 'float32', ['N', 3]);
    b.initializer('w', float32Tensor([2, 2], [1, 2, 3, 4]));
    b.node('MatMul', ['x', 'w'], {}, { outputs: ['h'] });
    b.node('Mul', ['h', 'x'], {}, { outputs: ['p'] });
    b.node('ReduceSum', ['p', b.constant(int64Vector([1]))], { keepdims: 0 }, { outputs: ['y'] });
    b.node('ArgMax', ['h'], { axis: 1 }, { outputs: ['class'] });
    b.node('Cast', ['class'], { to: 1 }, { outputs: ['steps'] });
    for (const name of ['y', 'steps']) b.output(name);
  });
const feeds = { x: float32Tensor([2, 2], [1, -1, 0.5, 2]), unused: numbers.uniform([2, 3]) };

describe('differentiate', () => {
  it('adds up what comes by several ways, to inputs, initializers and values in between', async () => {
    const gradients = await gradientsOf(quadratic(), 'y', ['x', 'w', 'h'], feeds);
    // x' (w + w') and the sum of the outer products of x with itself.
    expect(gradients['x']).toEqual(float32Tensor([2, 2], [-3, -3, 11, 18.5]));
    expect(gradients['w']).toEqual(float32Tensor([2, 2], [1.25, 0, 0, 5]));
    expect(gradients['h']).toEqual(feeds.x);
  });

  it('gives zeros where nothing depends, or in steps only', async () => {
    const unused = await gradientsOf(quadratic(), 'y', ['unused'], feeds);
    expect(unused['unused']).toEqual(float32Tensor([2, 3], new Float32Array(6)));
    const steps = await gradientsOf(quadratic(), 'steps', ['x'], feeds);
    expect(steps['x']).toEqual(float32Tensor([2, 2], new Float32Array(4)));
  });

  it('gives ones for the value itself', async () => {
    const gradients = await gradientsOf(quadratic(), 'y', ['y'], feeds);
    expect(gradients['y']).toEqual(float32Tensor([2], [1, 1]));
  });

  it('is linear in the weights that it is given', async () => {
    const model = quadratic();
    const types = await probe(model);
    const derived = differentiate(model, { of: ['y'], wrt: ['x'], types, weights: 'inputs' });
    const session = await Session.open(withOutputs(derived.model, [derived.gradients.get('x')!]));
    const weights = { [derived.weights.get('y')!]: float32Tensor([2], [2, -1]) };
    const results = await session.run({ ...feeds, ...weights });
    expect(results[derived.gradients.get('x')!]).toEqual(float32Tensor([2, 2], [-6, -6, -11, -18.5]));
    await session.dispose();
  });

  it('leaves the model as it is, outputs and all', async () => {
    const model = quadratic();
    const types = await probe(model);
    const derived = differentiate(model, { of: 'y', wrt: ['x'], types });
    expect(derived.model.graph.outputs).toEqual(model.graph.outputs);
    expect(derived.model.graph.nodes.slice(0, types.model.graph.nodes.length)).toEqual(types.model.graph.nodes);
  });

  it('runs at every batch size, 0 and 1 included', async () => {
    const model = quadratic();
    const types = await probe(model);
    const derived = differentiate(model, { of: 'y', wrt: ['x', 'w'], types });
    const names = [...derived.gradients.values()];
    const session = await Session.open(withOutputs(derived.model, names, { inputs: 'used' }));
    for (const count of [0, 1, 7]) {
      const results = await session.run({ x: numbers.uniform([count, 2]) });
      expect(results[names[0]!]!.dims).toEqual([count, 2]);
      expect(results[names[1]!]!.dims).toEqual([2, 2]);
    }
    await session.dispose();
  });

  it('goes through Relu and non-overlapping pooling together, where pooling does the work of both', async () => {
    const model = modelOf((b) => {
      b.input('x', 'float32', ['N', 2, 6, 4]);
      const relu = b.node('Relu', ['x']);
      const pooled = b.node('MaxPool', [relu], { kernel_shape: [2, 2], strides: [2, 2] });
      // A second use of what Relu makes, which passes more than the maxima.
      b.output(b.node('Add', [b.node('ReduceSum', [pooled]), b.node('ReduceSum', [b.node('Mul', [relu, relu])])]));
    });
    const [comparison] = await compareGradients(model, { x: numbers.distinct([2, 2, 6, 4]) });
    expect(comparison!.error).toBeLessThan(1e-3);
  });

  it('finds the derivative of a computation with shapes that it works out itself', async () => {
    const model = modelOf((b) => {
      b.input('x', 'float32', ['N', 2, 3]);
      const batch = b.node('Gather', [b.node('Shape', ['x']), b.constant(int64Vector([0]))]);
      const shape = b.node('Concat', [batch, b.constant(int64Vector([6]))], { axis: 0 });
      const flat = b.node('Reshape', [b.node('Tanh', ['x']), shape]);
      const wide = b.node('Expand', [
        b.node('Unsqueeze', [flat, b.constant(int64Vector([1]))]),
        b.node('Concat', [batch, b.constant(int64Vector([2, 6]))], { axis: 0 }),
      ]);
      b.output(b.node('Mul', [wide, wide]));
    });
    const [comparison] = await compareGradients(model, { x: numbers.uniform([3, 2, 3]) });
    expect(comparison!.error).toBeLessThan(1e-3);
  });

  it('names the node that has no gradient, and what to do', async () => {
    const model = modelOf((b) => {
      b.input('x', 'float32', [1, 1, 4, 4]);
      const regions = b.constant(float32Tensor([1, 5], [0, 0, 0, 3, 3]));
      b.output(b.node('MaxRoiPool', ['x', regions], { pooled_shape: [2, 2] }, { outputs: ['pooled'] })[0]!);
    });
    const types = await probe(model);
    expect(gradientSupport('MaxRoiPool')).toBe('missing');
    expect(() => differentiate(model, { of: 'pooled', wrt: ['x'], types })).toThrow(
      /MaxRoiPool "pooled" has no gradient here. Attack the model with gradients estimated from queries/,
    );
  });

  it.each([
    ['a value that there is not', 'z', ['x'], /no value "z"/],
    ['integers', 'class', ['x'], /"class" is of type int64/],
    ['with respect to integers', 'y', ['class'], /"class" is of type int64/],
  ])('refuses %s', async (_name, of, wrt, message) => {
    const model = quadratic();
    const types = await probe(model);
    expect(() => differentiate(model, { of, wrt, types })).toThrow(message);
  });

  it('refuses the types of another model', async () => {
    const other = modelOf((b) => {
      b.input('x', 'float32', [1]);
      b.output(b.node('Add', ['x', b.constant(scalar(1))], {}, { outputs: ['sum'] })[0]!);
    });
    const types = await probe(other);
    expect(() => differentiate(quadratic(), { of: 'sum', wrt: ['x'], types })).toThrow(/those of another model/);
  });
});

describe('gradientSupport', () => {
  it.each([
    ['Conv', '', 'exact'],
    ['Conv', 'ai.onnx', 'exact'],
    ['ArgMax', '', 'zero'],
    ['TreeEnsembleClassifier', 'ai.onnx.ml', 'zero'],
    ['MaxRoiPool', '', 'missing'],
    ['Conv', 'com.example', 'missing'],
    ['toString', '', 'missing'],
  ])('tells of %s in "%s": %s', (op, domain, expected) => {
    expect(gradientSupport(op, domain)).toBe(expected);
  });
});
