import { float, floatOf } from '../attribute';
import { GraphBuilder } from '../builder';
import type { Graph, LocalFunction, Model, Node, Tensor } from '../ir';
import { boolTensor, float32Tensor, int64Vector, scalar } from '../tensor';
import { Numbers } from '../../gradient/check-rule.kit';
import { Session } from '../../runtime/session';
import { readModel } from '../../wire/read-model';
import { writeModel } from '../../wire/write-model';
import { CANONICAL_OPSET, normalise } from './normalise';

function modelOf(build: (builder: GraphBuilder) => unknown, opset = 21, functions: LocalFunction[] = []): Model {
  const builder = new GraphBuilder();
  const output = build(builder);
  if (typeof output === 'string') builder.output(output);
  const opsets = new Map([['', opset]]);
  if (functions.length > 0) opsets.set('local', 1);
  const irVersion = opset < 9 ? 3 : opset < 11 ? 4 : opset < 15 ? 7 : 8;
  return { irVersion, opsets, producer: '', metadata: new Map(), functions, graph: builder.build('graph') };
}

const operators = (graph: Graph) => graph.nodes.map(({ op }) => op);

async function outputsOf(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await Session.open(model);
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

/** The model computes the same, before and after, and after again. */
async function expectSameResults(model: Model, feeds: Record<string, Tensor>): Promise<Model> {
  const normal = normalise(model);
  const [before, after] = [await outputsOf(model, feeds), await outputsOf(normal, feeds)];
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const [name, value] of Object.entries(before)) {
    expect(after[name]!.dims).toEqual(value.dims);
    const numbers = after[name]!.data as Float32Array;
    (value.data as Float32Array).forEach((item, i) => expect(numbers[i]).toBeCloseTo(item, 5));
  }
  const again = normalise({ ...normal });
  expect(again.graph.nodes).toEqual(normal.graph.nodes);
  return normal;
}

const numbers = new Numbers(3);
const x = numbers.uniform([2, 3, 4]);
const image = numbers.uniform([1, 2, 4, 4]);

/** Nodes as old operator sets wrote them, and what stands for them. */
const OLD: readonly (readonly [string, number, Tensor, (b: GraphBuilder) => string, readonly string[]])[] = [
  ['Squeeze with axes', 9, numbers.uniform([2, 1, 3]), (b) => b.node('Squeeze', ['x'], { axes: [1] }), ['Squeeze']],
  ['Unsqueeze with axes', 11, x, (b) => b.node('Unsqueeze', ['x'], { axes: [0, 2] }), ['Unsqueeze']],
  ['ReduceSum with axes', 11, x, (b) => b.node('ReduceSum', ['x'], { axes: [1], keepdims: 0 }), ['ReduceSum']],
  ['ReduceMean with axes', 17, x, (b) => b.node('ReduceMean', ['x'], { axes: [-1] }), ['ReduceMean']],
  [
    'Slice with bounds',
    9,
    x,
    (b) => b.node('Slice', ['x'], { starts: [1, 0], ends: [3, 2 ** 63], axes: [1, 2] }),
    ['Slice'],
  ],
  [
    'Softmax over all axes from the second on',
    11,
    x,
    (b) => b.node('Softmax', ['x']),
    ['Flatten', 'Softmax', 'Shape', 'Reshape'],
  ],
  ['Softmax over the last axis', 11, x, (b) => b.node('Softmax', ['x'], { axis: 2 }), ['Softmax']],
  ['LogSoftmax', 12, x, (b) => b.node('LogSoftmax', ['x'], { axis: 1 }), ['Flatten', 'LogSoftmax', 'Shape', 'Reshape']],
  ['Clip with bounds', 9, x, (b) => b.node('Clip', ['x'], { min: float(-0.5), max: float(0.25) }), ['Clip']],
  ['Pad with widths', 9, x, (b) => b.node('Pad', ['x'], { pads: [0, 1, 0, 2, 0, 0], value: float(2) }), ['Pad']],
  ['Dropout', 9, x, (b) => b.node('Dropout', ['x'], { ratio: float(0.3) }), ['Identity']],
  [
    'Resize of operator set 10',
    10,
    image,
    (b) => b.node('Resize', ['x', b.constant(float32Tensor([4], [1, 1, 1.5, 2]))], { mode: 'nearest' }),
    ['Resize'],
  ],
  [
    'Upsample',
    9,
    image,
    (b) => b.node('Upsample', ['x', b.constant(float32Tensor([4], [1, 1, 2, 2]))], { mode: 'linear' }),
    ['Resize'],
  ],
];

describe('normalise', () => {
  it.each(OLD)("writes %s (operator set %i) in today's form", async (_name, opset, value, build, expected) => {
    const model = modelOf((builder) => {
      builder.input('x', 'float32', value.dims);
      return build(builder);
    }, opset);
    const normal = await expectSameResults(model, { x: value });
    expect(operators(normal.graph)).toEqual(expected);
    expect(normal.opsets.get('')).toBe(CANONICAL_OPSET);
  });

  it('splits as before, into given sizes and into equal parts', async () => {
    for (const attributes of [{ axis: 2, split: [1, 3] }, { axis: 2 }]) {
      const model = modelOf((builder) => {
        builder.input('x', 'float32', x.dims);
        for (const part of builder.node('Split', ['x'], attributes, { outputs: 2 })) builder.output(part);
      }, 11);
      await expectSameResults(model, { x });
    }
  });

  it('takes the largest values as before', async () => {
    const model = modelOf((builder) => {
      builder.input('x', 'float32', x.dims);
      const [values] = builder.node('TopK', ['x'], { k: 2 }, { outputs: 2 });
      return values!;
    }, 9);
    await expectSameResults(model, { x });
  });

  it('turns constants into initializers, whatever way they are written', () => {
    const forms: Node['attributes'][] = [
      { value: { type: 'tensor', value: scalar(2) } },
      { value_float: float(2) },
      { value_floats: { type: 'floats', value: [2, 3] } },
      { value_int: { type: 'int', value: 2 } },
      { value_ints: { type: 'ints', value: [2, 3] } },
    ];
    const model = modelOf((builder) => {
      builder.input('x', 'float32', [2]);
      const values = forms.map((form) => builder.node('Cast', [builder.node('Constant', [], form)], { to: 1 }));
      return builder.node('Sum', ['x', ...values]);
    });
    const normal = normalise(model);
    expect(operators(normal.graph)).not.toContain('Constant');
    expect([...normal.graph.initializers.values()].map(({ dims }) => dims)).toEqual([[], [], [2], [], [2]]);
  });

  it('takes initializers out of the inputs, where old files list them', () => {
    const model = modelOf((builder) => {
      builder.input('x', 'float32', [2]);
      return builder.node('Add', ['x', builder.initializer('w', float32Tensor([2], [1, 2]))]);
    });
    const listed = { name: 'w', type: 'float32', dims: [2] } as const;
    const old = { ...model, graph: { ...model.graph, inputs: [...model.graph.inputs, listed] } };
    expect(normalise(old).graph.inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('writes out functions that call functions, with attributes handed on', async () => {
    const node = (op: string, inputs: string[], outputs: string[], rest: Partial<Node> = {}): Node => ({
      op,
      domain: '',
      name: '',
      inputs,
      outputs,
      attributes: {},
      ...rest,
    });
    const leaky: LocalFunction = {
      domain: 'local',
      name: 'Leaky',
      inputs: ['a'],
      outputs: ['b'],
      attributes: ['slope'],
      opsets: new Map([['', 21]]),
      nodes: [
        node('LeakyRelu', ['a'], ['b'], { attributes: { alpha: { type: 'reference', value: 'slope', kind: 1 } } }),
      ],
    };
    const twice: LocalFunction = {
      ...leaky,
      name: 'Twice',
      opsets: new Map([
        ['', 21],
        ['local', 1],
      ]),
      nodes: [
        node('Leaky', ['a'], ['inner'], {
          domain: 'local',
          attributes: { slope: { type: 'reference', value: 'slope', kind: 1 } },
        }),
        node('Add', ['inner', 'a'], ['b']),
      ],
    };
    const model = modelOf(
      (builder) => {
        builder.input('x', 'float32', x.dims);
        const first = builder.node('Twice', ['x'], { slope: float(0.5) }, { domain: 'local' });
        return builder.node('Twice', [first], { slope: float(0.25) }, { domain: 'local' });
      },
      21,
      [leaky, twice],
    );
    const normal = await expectSameResults(model, { x });
    expect(operators(normal.graph)).toEqual(['LeakyRelu', 'Add', 'LeakyRelu', 'Add']);
    expect(normal.functions).toEqual([]);
  });

  it('takes the defaults of attributes that a call of a function leaves out', async () => {
    const leaky: LocalFunction = {
      domain: 'local',
      name: 'Leaky',
      inputs: ['a'],
      outputs: ['b'],
      attributes: [],
      defaults: { slope: float(0.125) },
      opsets: new Map([['', 21]]),
      nodes: [
        {
          op: 'LeakyRelu',
          domain: '',
          name: '',
          inputs: ['a'],
          outputs: ['b'],
          attributes: { alpha: { type: 'reference', value: 'slope', kind: 1 } },
        },
      ],
    };
    const model = modelOf(
      (builder) => {
        builder.input('x', 'float32', x.dims);
        const first = builder.node('Leaky', ['x'], {}, { domain: 'local' });
        return builder.node('Leaky', [first], { slope: float(0.5) }, { domain: 'local' });
      },
      21,
      [leaky],
    );
    const { graph } = await expectSameResults(readModel(writeModel(model)), { x });
    expect(graph.nodes.map((node) => floatOf(node, 'alpha', 0))).toEqual([0.125, 0.5]);
  });

  it('refuses a function that calls itself', () => {
    const endless: LocalFunction = {
      domain: 'local',
      name: 'Endless',
      inputs: ['a'],
      outputs: ['b'],
      attributes: [],
      opsets: new Map([['', 21]]),
      nodes: [{ op: 'Endless', domain: 'local', name: '', inputs: ['a'], outputs: ['b'], attributes: {} }],
    };
    const build = (builder: GraphBuilder) => {
      builder.input('x', 'float32', [1]);
      return builder.node('Endless', ['x'], {}, { domain: 'local' });
    };
    expect(() => normalise(modelOf(build, 21, [endless]))).toThrow(/calls itself/);
  });

  const branch = (op: string) => {
    const inner = new GraphBuilder(undefined, { outer: ['x'] });
    const [sum] = inner.node('ReduceSum', ['x'], { axes: [1], keepdims: 1 }, { outputs: [`${op} of`] });
    inner.output(inner.node(op, [sum!]));
    return inner.build(op);
  };

  it('replaces an If with a constant condition by its branch', async () => {
    for (const condition of [true, false]) {
      const model = modelOf((builder) => {
        builder.input('x', 'float32', x.dims);
        const known = builder.constant(boolTensor([], [condition]));
        return builder.node('If', [known], { then_branch: branch('Abs'), else_branch: branch('Neg') });
      }, 11);
      const normal = await expectSameResults(model, { x });
      expect(operators(normal.graph)).toEqual(['ReduceSum', condition ? 'Abs' : 'Neg']);
    }
  });

  it("leaves an If whose condition is computed, its branches in today's form", async () => {
    const model = modelOf((builder) => {
      builder.input('x', 'float32', x.dims);
      const sum = builder.node('ReduceSum', ['x'], { keepdims: 0 });
      const condition = builder.node('Greater', [sum, builder.constant(scalar(0))]);
      const chosen = builder.node('If', [condition], { then_branch: branch('Abs'), else_branch: branch('Neg') });
      // Takes a name that the branches have taken, too, unless it is seen to.
      return builder.node('ReduceSum', [chosen], { axes: [0], keepdims: 0 });
    }, 11);
    const normal = await expectSameResults(model, { x });
    expect(operators(normal.graph)).toEqual(['ReduceSum', 'Greater', 'If', 'ReduceSum']);
  });

  it('lines up operands as operator set 6 did', async () => {
    const model = modelOf((builder) => {
      builder.input('x', 'float32', x.dims);
      const row = builder.initializer('row', float32Tensor([3], [1, 2, 3]));
      const [y] = builder.node('Add', ['x', row], { broadcast: 1, axis: 1 }, { outputs: ['y'] });
      return y!;
    }, 6);
    // ONNX Runtime has no such Add any more.
    const { y } = await outputsOf(normalise(model), { x });
    (y!.data as Float32Array).forEach((item, i) => {
      expect(item).toBeCloseTo((x.data as Float32Array)[i]! + 1 + (Math.floor(i / 4) % 3), 5);
    });
  });

  it('writes losses out', async () => {
    const labels = { type: 'int64', dims: [2], data: BigInt64Array.of(2n, 0n) } as const;
    const logits = numbers.uniform([2, 3]);
    for (const reduction of ['none', 'sum', 'mean']) {
      const model = modelOf((builder) => {
        builder.input('x', 'float32', [2, 3]);
        builder.input('labels', 'int64', [2]);
        const weights = builder.constant(float32Tensor([3], [0.5, 1, 2]));
        return builder.node('SoftmaxCrossEntropyLoss', ['x', 'labels', weights], { reduction, ignore_index: 0 });
      }, 13);
      await expectSameResults(model, { x: logits, labels });
    }
  });

  it('keeps names of inputs, outputs and initializers', () => {
    const model = modelOf((builder) => {
      builder.input('images', 'float32', ['N', 3]);
      const weights = builder.initializer('weights', numbers.uniform([3, 2]));
      const [logits] = builder.node('MatMul', ['images', weights], {}, { outputs: ['logits'] });
      return builder.node('Softmax', [logits!], {}, { outputs: ['probabilities'] })[0]!;
    }, 11);
    const { graph } = normalise(model);
    expect(graph.inputs).toEqual(model.graph.inputs);
    expect(graph.outputs).toEqual(model.graph.outputs);
    expect(graph.initializers.get('weights')).toBe(model.graph.initializers.get('weights'));
    expect(graph.nodes.map(({ outputs }) => outputs)).toEqual([['logits'], ['probabilities']]);
  });

  it('does the work once', () => {
    const model = modelOf((builder) => {
      builder.input('x', 'float32', [2]);
      return builder.node('Reshape', ['x', builder.constant(int64Vector([2, 1]))]);
    });
    expect(normalise(model)).toBe(normalise(model));
    expect(normalise(normalise(model))).toBe(normalise(model));
  });
});
