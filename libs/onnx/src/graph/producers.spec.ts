import { GraphBuilder } from './builder';
import { producersOf } from './producers';

describe('the producers of a graph', () => {
  const builder = new GraphBuilder();
  const image = builder.input('image', 'float32', ['n', 4]);
  const [larger, indices] = builder.node(
    'TopK',
    [image, builder.constant({ type: 'int64', dims: [1], data: new BigInt64Array([2n]) })],
    {},
    { outputs: 2 },
  ) as unknown as [string, string];
  const relu = builder.node('Relu', [larger]);
  const graph = builder.build('graph');

  it('are known by each of their outputs', () => {
    const producers = producersOf(graph);
    expect(producers.get(larger)?.op).toBe('TopK');
    expect(producers.get(indices)).toBe(producers.get(larger));
    expect(producers.get(relu)?.op).toBe('Relu');
    expect(producers.get(image)).toBeUndefined();
  });

  it('are those of the graph at hand', () => {
    builder.node('Neg', [relu]);
    expect(producersOf(builder.build('graph')).size).toBe(producersOf(graph).size + 1);
  });
});
