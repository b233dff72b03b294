import { GraphBuilder } from './builder';
import type { Model } from './ir';
import { withOutputs } from './outputs';
import { boolTensor, float32Tensor } from './tensor';

function model(): Model {
  const inner = new GraphBuilder(undefined, { outer: ['kept', 'w'] });
  inner.output(inner.node('Add', ['kept', 'w']));
  const branch = inner.build('branch');
  const builder = new GraphBuilder();
  builder.input('x');
  builder.input('labels', 'int64');
  builder.initializer('w', float32Tensor([1], [1]));
  builder.initializer('unused', float32Tensor([1], [1]));
  builder.node('Relu', ['x'], {}, { outputs: ['kept'] });
  builder.node('Cast', ['labels'], { to: 1 }, { outputs: ['dropped'] });
  const condition = builder.initializer('condition', boolTensor([], [true]));
  builder.node('If', [condition], { then_branch: branch, else_branch: branch }, { outputs: ['chosen'] });
  for (const name of ['chosen', 'dropped']) builder.output(name, 'float32', [1]);
  const graph = builder.build('graph');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: '', metadata: new Map(), functions: [], graph };
}

describe('withOutputs', () => {
  it('keeps what the outputs need, also within branches, and nothing else', () => {
    const { graph } = withOutputs(model(), ['chosen']);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Relu', 'If']);
    expect([...graph.initializers.keys()]).toEqual(['w', 'condition']);
    expect(graph.outputs).toEqual([{ name: 'chosen', type: 'float32', dims: [1] }]);
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x', 'labels']);
  });

  it('drops inputs that nothing needs, where it is asked to', () => {
    const { graph } = withOutputs(model(), ['chosen'], { inputs: 'used' });
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('makes outputs of values in between', () => {
    const { graph } = withOutputs(model(), ['kept']);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Relu']);
    expect(graph.outputs).toEqual([{ name: 'kept', type: 'other', dims: undefined }]);
  });
});
