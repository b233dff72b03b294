import { compareGradients } from '../../runtime/finite-differences';
import { Session } from '../../runtime/session';
import { Numbers } from '../../gradient/check-rule.kit';
import { GraphBuilder } from '../builder';
import type { Model } from '../ir';
import { int64Tensor, int64Vector } from '../tensor';
import { normalise } from './normalise';

type Build = (b: GraphBuilder, x: string, place: (value: number) => string) => string;

/** A model of x [3, 4, 6] through sequences. */
function through(build: Build): Model {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', ['n', 4, 6]);
  const place = (value: number) => builder.constant(int64Tensor([], [value]));
  builder.output(builder.node('Tanh', [build(builder, x, place)]));
  return {
    ...{ irVersion: 10, opsets: new Map([['', 21]]), producer: 'spec', metadata: new Map(), functions: [] },
    graph: builder.build('sequences'),
  };
}

const parts = (b: GraphBuilder, x: string) =>
  [1, 2, 3].map((factor) =>
    b.node('Mul', [x, b.constant({ type: 'float32', dims: [], data: Float32Array.of(factor) })]),
  );

const SEQUENCE = /Sequence/;

const rewritten: readonly (readonly [string, Build])[] = [
  ['a tensor of a list', (b, x, at) => b.node('SequenceAt', [b.node('SequenceConstruct', parts(b, x)), at(1)])],
  ['one counted from the end', (b, x, at) => b.node('SequenceAt', [b.node('SequenceConstruct', parts(b, x)), at(-1)])],
  [
    'what was inserted, at a place and at the end, and erased',
    (b, x, at) => {
      const [one, two, three] = parts(b, x) as [string, string, string];
      let list = b.node('SequenceInsert', [b.node('SequenceEmpty', []), one]);
      list = b.node('SequenceInsert', [list, two]);
      list = b.node('SequenceInsert', [list, three, at(0)]);
      list = b.node('SequenceErase', [list, at(1)]);
      return b.node('ConcatFromSequence', [list], { axis: 2 });
    },
  ],
  [
    'a stack',
    (b, x) => b.node('ConcatFromSequence', [b.node('SequenceConstruct', parts(b, x))], { axis: -1, new_axis: 1 }),
  ],
  [
    'parts of an axis, as long as a constant says',
    (b, x, at) => {
      const list = b.node('SplitToSequence', [x, b.constant(int64Vector([1, 3]))], { axis: 1 });
      return b.node('Mul', [b.node('SequenceAt', [list, at(0)]), b.node('SequenceAt', [list, at(1)])]);
    },
  ],
  [
    'chunks of an axis, the last of which is shorter',
    (b, x, at) => {
      const list = b.node('SplitToSequence', [x, at(4)], { axis: 2 });
      const [first, last] = [0, 1].map((place) => b.node('SequenceAt', [list, at(place)]));
      return b.node('Concat', [first!, last!, last!], { axis: 2 });
    },
  ],
  ...[0, 1].map((keepdims): [string, Build] => [
    `places of an axis${keepdims ? ', kept' : ''}`,
    (b, x, at) => {
      const list = b.node('SplitToSequence', [x], { axis: -2, keepdims });
      return b.node(
        'Sub',
        [2, -1].map((place) => b.node('SequenceAt', [list, at(place)])),
      );
    },
  ]),
  [
    'a length',
    (b, x) => {
      const length = b.node('SequenceLength', [b.node('SequenceConstruct', parts(b, x))]);
      return b.node('Mul', [x, b.node('Cast', [length], { to: 1 })]);
    },
  ],
];

const feeds = { x: new Numbers(7).uniform([3, 4, 6]) };

async function outputOf(model: Model) {
  const session = await Session.open(model);
  try {
    return Object.values(await session.run(feeds))[0]!;
  } finally {
    await session.dispose();
  }
}

it.each(rewritten)('%s: no sequence is left, and values and gradients are those of the file', async (_what, build) => {
  const model = through(build);
  const normal = normalise(model);
  expect(normal.graph.nodes.filter(({ op }) => SEQUENCE.test(op))).toEqual([]);
  expect(await outputOf(normal)).toEqual(await outputOf(model));
  for (const { error } of await compareGradients(model, feeds, { wrt: ['x'] })) expect(error).toBeLessThan(2e-3);
});

it.each<[string, Build]>([
  [
    'a place that is computed',
    (b, x) => {
      const computed = b.node('Gather', [b.node('Shape', [x]), b.constant(int64Tensor([], [0]))]);
      const two = b.node('Sub', [computed, b.constant(int64Tensor([], [1]))]);
      return b.node('SequenceAt', [b.node('SequenceConstruct', parts(b, x)), two]);
    },
  ],
  [
    'chunks of which nobody knows how many there are',
    (b, x, at) => b.node('ConcatFromSequence', [b.node('SplitToSequence', [x, at(2)], { axis: 1 })], { axis: 0 }),
  ],
])('%s: the sequence stays, and the gradient is refused by the name of what is in its way', async (_what, build) => {
  const model = through(build);
  expect(await outputOf(normalise(model))).toEqual(await outputOf(model));
  await expect(compareGradients(model, feeds, { wrt: ['x'] })).rejects.toThrow(/Sequence.*no gradient here/);
});
