import { isRampartError } from '@rampart/core';

import { float, floats } from '../graph/attribute';
import { GraphBuilder } from '../graph/builder';
import type { Model } from '../graph/ir';
import { normalise } from '../graph/normalise/normalise';
import { boolTensor, float32Tensor, int32Tensor, int64Vector, numericTensor, scalar, tensor } from '../graph/tensor';
import { Numbers } from '../gradient/check-rule.kit';
import { readModel } from './read-model';
import { writeModel } from './write-model';

/** A model with something of everything that a file can hold. */
function everything(): Model {
  const inner = new GraphBuilder(undefined, { outer: ['x'] });
  inner.output(inner.node('Relu', ['x'], {}, { name: 'inner' }), 'float32', undefined);
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['batch', 3, undefined, 8]);
  builder.input('any', 'int64');
  builder.initializer('w', float32Tensor([2, 2], [1, -2, 3.5, 4]));
  builder.initializer('half', numericTensor('float16', [3], [1, -0.5, 65504]));
  builder.initializer('bits', numericTensor('bfloat16', [2], [1, -2]));
  builder.initializer('double', numericTensor('float64', [1], [Math.PI]));
  builder.initializer('large', tensor('int64', [2], BigInt64Array.of(2n ** 62n, -5n)));
  builder.initializer('unsigned', tensor('uint64', [1], BigUint64Array.of(2n ** 64n - 1n)));
  builder.initializer('small', tensor('int8', [2], Int8Array.of(-128, 127)));
  builder.initializer('flags', boolTensor([2], [true, false]));
  builder.initializer('words', tensor('string', [2], ['', 'größer']));
  builder.initializer('empty', float32Tensor([0, 4], []));
  builder.initializer('integers', int32Tensor([2], [-1, 1]));
  builder.node(
    'Everything',
    ['x', '', 'w'],
    {
      int: 3,
      end: 2 ** 63,
      float: float(0.25),
      floats: floats([0.5, -1]),
      ints: [1, -2],
      strings: ['a', 'b'],
      text: 'größer',
      tensor: int64Vector([1, 2]),
    },
    { domain: 'com.example', outputs: ['y', ''] },
  );
  const branch = { type: 'graph', value: inner.build('branch') } as const;
  builder.node('If', [builder.constant(boolTensor([], [true]))], { then_branch: branch, else_branch: branch });
  builder.output('y', 'float32', ['batch', 2]);
  return {
    irVersion: 9,
    opsets: new Map([
      ['', 19],
      ['com.example', 2],
    ]),
    producer: 'spec',
    producerVersion: '1.0',
    metadata: new Map([['author', 'spec']]),
    graph: builder.build('everything'),
    functions: [
      {
        domain: 'com.example',
        name: 'Everything',
        inputs: ['a', 'b', 'c'],
        outputs: ['d', 'e'],
        attributes: ['float'],
        defaults: { int: { type: 'int', value: 3 }, text: { type: 'string', value: 'größer' } },
        opsets: new Map([['', 19]]),
        nodes: [
          {
            op: 'LeakyRelu',
            domain: '',
            name: '',
            inputs: ['a'],
            outputs: ['d'],
            attributes: { alpha: { type: 'reference', value: 'float', kind: 1 } },
          },
        ],
      },
    ],
  };
}

/** A small classifier, whose corruptions reach every part of reading. */
function classifier(): Model {
  const numbers = new Numbers(5);
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['N', 1, 6, 6]);
  const filters = builder.initializer('filters', numbers.uniform([2, 1, 3, 3]));
  const conv = builder.node('Conv', ['x', filters], { kernel_shape: [3, 3] });
  const flat = builder.node('Reshape', [builder.node('Relu', [conv]), builder.constant(int64Vector([-1, 32]))]);
  const weights = builder.initializer('weights', numbers.uniform([32, 3]));
  const logits = builder.node('Clip', [builder.node('MatMul', [flat, weights]), builder.constant(scalar(-5))]);
  builder.output(logits, 'float32', ['N', 3]);
  return {
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producer: 'spec',
    metadata: new Map(),
    graph: builder.build('classifier'),
    functions: [],
  };
}

describe('writing and reading', () => {
  it('gives back the same model', () => {
    const model = everything();
    expect(readModel(writeModel(model))).toEqual(model);
  });

  it('gives back the same bytes', () => {
    const bytes = writeModel(everything());
    expect(writeModel(readModel(bytes))).toEqual(bytes);
  });
});

describe('reading what is no model', () => {
  const refused = (bytes: Uint8Array) => {
    try {
      readModel(bytes);
    } catch (error) {
      return isRampartError(error) ? `${error.code}: ${error.message}` : `another error: ${String(error)}`;
    }
    return 'read';
  };

  it('says so', () => {
    expect(refused(new Uint8Array())).toMatch(/^bad-model: .*empty file/);
    expect(refused(Buffer.from('{"a": 1}'))).toMatch(/^bad-model: .*no ONNX model/);
    expect(refused(Buffer.from('\x89PNG\r\n\x1a\n0000'))).toMatch(/^bad-model: .*no ONNX model/);
  });

  it('says so of a file that is cut anywhere', () => {
    const bytes = writeModel(classifier());
    for (let length = 0; length < bytes.length; length += 7) {
      const said = refused(bytes.subarray(0, length));
      expect(said).toMatch(/^bad-model: /);
      // In words for who brings the file, not the decoder's own.
      expect(said).not.toMatch(/out of range/);
    }
    expect(refused(bytes.subarray(0, bytes.length - 3))).toMatch(/breaks off before its end/);
  });

  it('checks dimensions against the data before it makes room for them', () => {
    const model = classifier();
    const huge = { type: 'float32', dims: [2 ** 40, 2 ** 20], data: Float32Array.of(1) } as const;
    const initializers = new Map(model.graph.initializers).set('weights', huge);
    const bytes = writeModel({ ...model, graph: { ...model.graph, initializers } });
    expect(refused(bytes)).toMatch(/"weights".*need .* bytes, but it has 4/);
  });

  it('names a value that nothing makes', () => {
    const model = classifier();
    const nodes = model.graph.nodes.slice(1);
    expect(refused(writeModel({ ...model, graph: { ...model.graph, nodes } }))).toMatch(/takes "Conv"/);
  });

  it('either reads or refuses each of 2,000 corruptions, and normalises what it reads', () => {
    const originals = [writeModel(everything()), writeModel(classifier())];
    const numbers = new Numbers(7);
    const outcomes = { read: 0, refused: 0 };
    for (let i = 0; i < 2000; i++) {
      const bytes = corrupt(originals[i % 2]!, numbers);
      try {
        normalise(readModel(bytes));
        outcomes.read++;
      } catch (error) {
        expect(isRampartError(error) && error.code === 'bad-model' ? 'bad-model' : error).toBe('bad-model');
        outcomes.refused++;
      }
    }
    expect(outcomes.read).toBeGreaterThan(50);
    expect(outcomes.refused).toBeGreaterThan(50);
  });
});

/** Bytes changed, cut out, put in, or repeated. */
function corrupt(original: Uint8Array, numbers: Numbers): Uint8Array {
  const bytes = Array.from(original);
  for (let k = numbers.integer(1, 8); k > 0; k--) {
    const place = numbers.integer(0, bytes.length - 1);
    const length = numbers.integer(1, 12);
    switch (numbers.integer(0, 4)) {
      case 0:
        bytes[place] = numbers.integer(0, 255);
        break;
      case 1:
        bytes[place]! ^= 1 << numbers.integer(0, 7);
        break;
      case 2:
        bytes.splice(place, length);
        break;
      case 3:
        bytes.splice(place, 0, ...Array.from({ length }, () => numbers.pick([0, 1, 127, 128, 255])));
        break;
      default:
        bytes.splice(place, 0, ...bytes.slice(place, place + 10 * length));
    }
  }
  return Uint8Array.from(bytes);
}
