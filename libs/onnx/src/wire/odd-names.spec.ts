import { GraphBuilder } from '../graph/builder';
import { float32Tensor } from '../graph/tensor';
import { readModel } from './read-model';
import { writeModel } from './write-model';

/** Names that every object of JavaScript has something under. */
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

function doubled(input: string, weights: string, output: string): Uint8Array {
  const builder = new GraphBuilder();
  builder.input(input, 'float32', ['n', 2]);
  builder.initializer(weights, float32Tensor([2], [2, 2]));
  builder.node('Mul', [input, weights], {}, { outputs: [output] });
  builder.output(output, 'float32');
  const graph = builder.build('odd names');
  const opsets = new Map([['', 18]]);
  return writeModel({ irVersion: 9, opsets, producer: '', metadata: new Map(), functions: [], graph });
}

describe.each(NAMES)('a value named %s is refused by that name', (name) => {
  it.each([
    ['an input', [name, 'w', 'y'] as const],
    ['an initializer', ['x', name, 'y'] as const],
    ['an output', ['x', 'w', name] as const],
  ])('%s', (_what, [input, weights, output]) => {
    expect(() => readModel(doubled(input, weights, output))).toThrow(
      `The ONNX model is not valid: a value is named "${name}", which has a meaning of its own in JavaScript; give it another name.`,
    );
  });
});

it('names that only look alike are names', () => {
  expect(readModel(doubled('proto', 'Constructor', 'to_string')).graph.inputs.map(({ name }) => name)).toEqual([
    'proto',
  ]);
});
