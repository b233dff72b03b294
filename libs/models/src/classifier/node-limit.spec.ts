import { GraphBuilder, type Model, probe } from '@rampart/onnx';

import { lossGradient } from './loss-gradient';
import { refuseTooManyNodes } from './node-limit';

function chain(length: number): Model {
  const builder = new GraphBuilder();
  let value = builder.input('x', 'float32', ['N', 4]);
  for (let i = 0; i < length; i++) value = builder.node('Relu', [value]);
  builder.output(value);
  return {
    irVersion: 10,
    opsets: new Map([['', 21]]),
    producer: 'test',
    metadata: new Map(),
    graph: builder.build('chain'),
    functions: [],
  };
}

describe('a chain of nodes', () => {
  it('is refused in one sentence where ONNX Runtime would not open it in good time', () => {
    expect(() => refuseTooManyNodes(chain(30_000))).not.toThrow();
    expect(() => refuseTooManyNodes(chain(30_001))).toThrow(/^The model has 30001 nodes together with its gradient;/);
  });

  it('has a gradient of so many nodes a node, whose samples have one name', async () => {
    const nodesOf = async (length: number) => {
      const types = await probe(chain(length));
      const logits = types.model.graph.outputs[0]!.name;
      const headed = { model: types.model, logits, classes: 4 } as Parameters<typeof lossGradient>[0];
      const options = { loss: 'margin', types, batch: undefined, input: 'x', feeds: {} } as const;
      const { graph } = (await lossGradient(headed, options)).model;
      expect(graph.inputs.map(({ dims }) => dims?.[0])).toEqual(['N', 'N']);
      return graph.nodes.length;
    };
    const [short, middle, long] = [await nodesOf(10), await nodesOf(20), await nodesOf(40)];
    expect(long - middle).toBe(2 * (middle - short));
    expect(middle - short).toBe(30);
  });
});
