import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { GraphBuilder, int64Vector, type Model } from '@rampart/onnx';

import { columnNames } from './column-names';

describe('names of columns', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-names-'));
  const file = join(folder, 'model.onnx');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A model of these operators, one after the other. */
  function model(
    nodes: readonly (readonly [op: string, attributes: Parameters<GraphBuilder['node']>[2]])[],
    metadata = {},
  ): Model {
    const builder = new GraphBuilder();
    builder.input('x', 'float32', ['n', 4]);
    let value = 'x';
    for (const [op, attributes] of nodes) value = builder.node(op, [value], attributes, { domain: 'ai.onnx.ml' });
    builder.output(value);
    const entries = new Map<string, string>(Object.entries(metadata));
    return {
      ...{ irVersion: 8, opsets: new Map([['', 17]]), producer: '', functions: [] },
      ...{ metadata: entries, graph: builder.build('named') },
    };
  }

  it.each<[string, Model, readonly string[] | undefined]>([
    ['a linear classifier', model([['LinearClassifier', { classlabels_ints: [5, 9, 12] }]]), ['5', '9', '12']],
    ['a forest', model([['TreeEnsembleClassifier', { classlabels_int64s: [1, 2] }]]), ['1', '2']],
    ['texts', model([['SVMClassifier', { classlabels_strings: ['cat', 'dog'] }]]), ['cat', 'dog']],
    [
      'an ensemble, whose own are the last',
      model([
        ['LinearClassifier', { classlabels_ints: [0, 1] }],
        ['ZipMap', { classlabels_strings: ['no', 'yes'] }],
      ]),
      ['no', 'yes'],
    ],
    ['an entry of the file', model([], { names: `{0: 'cat', 1: "dog's"}` }), ['cat', "dog's"]],
    ['an entry with a gap', model([], { names: "{0: 'cat', 2: 'dog'}" }), undefined],
    ['an entry that is something else', model([], { names: 'Ann and Ben' }), undefined],
    ['a scaler', model([['Scaler', { scale: [2, 3] }]]), undefined],
  ])('are those of %s', (_what, named, names) => {
    expect(columnNames(file, named)).toEqual(names);
  });

  it('are those that a label is chosen from, not those of features', () => {
    const builder = new GraphBuilder();
    builder.input('x', 'float32', ['n', 4]);
    const labels = builder.initializer('classes', { type: 'string', dims: [3], data: ['a', 'b', 'c'] });
    const ml = { domain: 'ai.onnx.ml' } as const;
    const scores = builder.node('ArrayFeatureExtractor', ['x', builder.constant(int64Vector([0, 1, 2]))], {}, ml);
    builder.output(scores);
    const best = builder.node('ArgMax', [scores], { axis: 1, keepdims: 0 });
    builder.output(builder.node('ArrayFeatureExtractor', [labels, best], {}, ml));
    expect(columnNames(file, { ...model([]), graph: builder.build('chosen') })).toEqual(['a', 'b', 'c']);
  });

  it('are in the configuration beside it', () => {
    const beside = join(folder, 'config.json');
    const read = (text: string) => {
      writeFileSync(beside, text);
      return columnNames(file, model([]));
    };
    expect(read(JSON.stringify({ id2label: { 1: 'dog', 0: 'cat' } }))).toEqual(['cat', 'dog']);
    for (const other of ['{}', 'null', 'no JSON', '{"id2label":{"a":"cat"}}', '{"id2label":7}'])
      expect([other, read(other)]).toEqual([other, undefined]);
    rmSync(beside);
  });
});
