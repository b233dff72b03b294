import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import {
  GraphBuilder,
  int64Tensor,
  int64Vector,
  float32Tensor,
  type Model,
  readModel,
  scalar,
  withOutputs,
  writeModel,
} from '@rampart/onnx';
import * as ort from 'onnxruntime-node';

import { rampart, temporaryFolder } from '../integration/rampart';
import { expectRefusal, MODELS, runJson, type RunLine, valuesOf } from './command';

const HEADS = path.join(__dirname, 'heads');
const file = (name: string) => path.join(HEADS, `${name}.onnx`);

type Builder = GraphBuilder;
type Finish = (builder: Builder, z: string) => string;

const number = (b: Builder, value: number) => b.constant(scalar(value));
const times = (b: Builder, z: string, factor: number) => b.node('Mul', [z, number(b, factor)]);
const softmax: Finish = (b, z) => b.node('Softmax', [z], { axis: 1 });
const clip = (b: Builder, p: string, low: number) => b.node('Clip', [p, number(b, low), number(b, 1)]);
/** Confident as networks trained to the end are. */
const sure: Finish = (b, z) => times(b, z, 10);

/** The network of ten scores, and what is made of these. */
function ten(finish: Finish): Uint8Array {
  const model = readModel(new Uint8Array(readFileSync(file('ten'))));
  const builder = new GraphBuilder(model.graph);
  const output = finish(builder, model.graph.outputs[0]!.name);
  builder.output(output);
  return writeModel(withOutputs({ ...model, graph: builder.build('ten') }, [output]));
}

/** What is made of ten scores without a change of decision. */
const TEN: Readonly<Record<string, Finish>> = {
  scores: sure,
  softmax: (b, z) => softmax(b, sure(b, z)),
  clipped: (b, z) => clip(b, softmax(b, sure(b, z)), 1e-7),
  'log of clipped': (b, z) => b.node('Log', [clip(b, softmax(b, sure(b, z)), 1e-12)]),
  smoothed: (b, z) => b.node('Add', [times(b, softmax(b, sure(b, z)), 0.98), number(b, 0.002)]),
  'per cent': (b, z) => times(b, softmax(b, sure(b, z)), 100),
  'to a thousandth': (b, z) =>
    b.node('Div', [b.node('Round', [times(b, softmax(b, sure(b, z)), 1000)]), number(b, 1000)]),
  'exp over sum': (b, z) => {
    const powers = b.node('Exp', [
      b.node('Sub', [sure(b, z), b.node('ReduceMax', [sure(b, z)], { axes: [1], keepdims: 1 })]),
    ]);
    return b.node('Div', [powers, b.node('ReduceSum', [powers, b.constant(int64Vector([1]))], { keepdims: 1 })]);
  },
  'mean of two': (b, z) =>
    b.node('Add', [times(b, softmax(b, sure(b, z)), 0.5), times(b, softmax(b, times(b, z, 11)), 0.5)]),
  'hard labels': (b, z) => {
    const code = [b.constant(int64Tensor([], [10])), b.constant(float32Tensor([2], [0, 1]))];
    return b.node('OneHot', [b.node('ArgMax', [z], { axis: 1, keepdims: 0 }), ...code], { axis: 1 });
  },
};

describe('heads that people export', () => {
  const folder = temporaryFolder();
  const evaluate = (name: string, data: string, attacks: string, ...more: string[]) =>
    runJson([
      ...['evaluate', name, '--dataset', 'npy-folder', '--data-dir', path.join(HEADS, data)],
      ...['--preprocess', 'range=0..1', '--attacks', attacks, '--store', path.join(folder, 'store'), ...more],
    ]);
  const errors = (run: RunLine, label: string) => ({
    ...valuesOf(run, 'error-rate', label, 'clean'),
    ...valuesOf(run, 'error-rate', label, 'adaptive'),
  });

  /** One run of several files. */
  const together = async (files: readonly string[], data: string, attacks: string) => {
    const experiment = path.join(folder, `${data}.yaml`);
    writeFileSync(
      experiment,
      [
        `name: heads of ${data}`,
        'dataset: npy-folder',
        'models:',
        ...files.map((name) => `  - 'onnx(path="${name}", preprocess="range=0..1")'`),
        `attacks: [${attacks}]`,
        'examples: [adaptive]',
        'audits: []',
      ].join('\n'),
    );
    return runJson(['run', experiment, '--data-dir', path.join(HEADS, data), '--store', path.join(folder, 'store')]);
  };

  it('of several classes fall to attacks as their scores do, whatever is made of these', async () => {
    const files = Object.entries(TEN).map(([name, finish]) => {
      const written = path.join(folder, `${name}.onnx`);
      writeFileSync(written, ten(finish));
      return written;
    });
    const run = await together(files, 'digits', '"fgs(epsilon=0.1)", "adam(iterations=40)", "cg(steps=200)"');
    const bare = errors(run, 'scores.onnx');
    expect(bare).toMatchObject({ 'adam(iterations=40)': 1, 'cg(steps=200)': 1 });
    for (const name of Object.keys(TEN)) {
      const own = errors(run, `${name}.onnx`);
      expect([name, own]).toMatchObject([
        name,
        { none: bare['none'], 'adam(iterations=40)': 1, 'cg(steps=200)': 1, 'worst-case': 1 },
      ]);
      // The direction of one step depends on how sharp the probabilities are.
      expect(Math.abs(own['fgs(epsilon=0.1)']! - bare['fgs(epsilon=0.1)']!)).toBeLessThanOrEqual(0.1);
    }
  });

  it('of a probability for each class by itself are taken as exclusive, and that is said', async () => {
    const each = written('each', () => ten((b, z) => b.node('Sigmoid', [z])));
    const run = await evaluate(each, 'digits', 'fgs(epsilon=0.1)');
    expect(run.run.notes.join(' ')).toMatch(/each class a probability by itself.*no subset or Hamming error/);
    const scores = await evaluate(file('ten'), 'digits', 'fgs(epsilon=0.1)');
    expect(errors(run, 'each.onnx')).toEqual(errors(scores, 'ten.onnx'));
    expect(scores.run.notes.join(' ')).not.toContain('by itself');
  });

  it('of a single value, and of columns made of one, decide at a half and fall as their score does', async () => {
    const names = ['one-logit', 'sigmoid-clipped', 'hard-sigmoid', 'steep-sigmoid', 'columns-of-sigmoid'];
    const run = await together(names.map(file), 'zero-one', '"fgs(epsilon=0.3)", "adam(iterations=20)"');
    const bare = errors(run, 'one-logit.onnx');
    expect(bare).toMatchObject({ none: 0, 'adam(iterations=20)': 1 });
    for (const name of names) expect([name, errors(run, `${name}.onnx`)]).toEqual([name, bare]);
    const network = await evaluate(file('scikit-learn-binary'), 'zero-one', 'adam(iterations=40)');
    expect(errors(network, 'scikit-learn-binary.onnx')).toMatchObject({ none: 0, 'adam(iterations=40)': 1 });
  });

  it('of 1 - p speak for the class that --positive-index names', async () => {
    const [right, wrong] = await Promise.all(
      ['0', '1'].map((index) =>
        evaluate(file('one-minus-sigmoid'), 'zero-one', 'fgs(epsilon=0.3)', '--positive-index', index),
      ),
    );
    expect(errors(right!, 'one-minus-sigmoid.onnx')['none']).toBe(0);
    expect(errors(wrong!, 'one-minus-sigmoid.onnx')['none']).toBe(1);
    expect(right!.run.notes.join()).not.toContain('--positive-index');
    // Said once, and not that images prepared otherwise would do better, with which all are taken for one class.
    const said = wrong!.run.notes.filter((note) => note.includes('test samples are right'));
    expect(said).toEqual([
      expect.stringMatching(
        /0\.0% of \d+ test samples are right, and 100\.0% are if a large ".*" speaks for class "0", not "1": .* Pass --positive-index 0/,
      ),
    ]);
  });

  it('keep their columns in whatever order classes are named', async () => {
    const of = async (...classes: string[]) => {
      const run = await evaluate(file('scikit-learn-breast-cancer'), 'breast-cancer', 'fgs(epsilon=0.1)', ...classes);
      return errors(run, 'scikit-learn-breast-cancer.onnx');
    };
    const asTheyAre = await of();
    expect(asTheyAre['none']).toBeCloseTo(6 / 190, 5);
    expect(await of('--classes', '1,0')).toEqual(asTheyAre);
  });

  it('are asked about where two outputs could be meant, and --output answers', async () => {
    const two = file('embedding-and-scores');
    const command = ['evaluate', two, '--dataset', 'npy-folder', '--data-dir', path.join(HEADS, 'digits')];
    const store = ['--store', path.join(folder, 'asked')];
    expectRefusal(await rampart([...command, ...store]), 1, [
      /several that could be: embedding float32\[batch, 10\], scores float32\[batch, 10\]/,
      /--output NAME/,
    ]);
    expectRefusal(await rampart([...command, ...store, '--output', 'score']), 2, [/Did you mean "scores"/]);
    const run = await evaluate(two, 'digits', 'fgs(epsilon=0.1)', '--output', 'scores');
    const plain = await evaluate(file('ten'), 'digits', 'fgs(epsilon=0.1)');
    expect(errors(run, 'embedding-and-scores.onnx')).toEqual(errors(plain, 'ten.onnx'));
    const inspected = await rampart(['inspect', two, '--output', 'scores', '--json']);
    expect(JSON.parse(inspected.stdout)).toMatchObject({ classifier: { output: 'scores', kind: 'logits' } });
  });

  describe('are hardened', () => {
    const data = path.join(folder, 'data');
    mkdirSync(data);
    for (const split of ['train', 'test']) {
      for (const part of ['images', 'labels']) {
        cpSync(path.join(HEADS, 'zero-one', `test-${part}.npy`), path.join(data, `${split}-${part}.npy`));
      }
    }
    const harden = (name: string, defense: string, out: string) => [
      ...['harden', name, '--dataset', 'npy-folder', '--data-dir', data, '--preprocess', 'range=0..1'],
      ...['--attacks', 'fgs(epsilon=0.3)', '--defense', defense, '--store', path.join(folder, 'hardened')],
      ...['--out', out],
    ];

    it.each(['one-logit', 'sigmoid-clipped', 'columns-of-sigmoid', 'scikit-learn-binary'])('%s', async (name) => {
      const out = path.join(folder, `hardened-${name}.onnx`);
      await runJson(harden(file(name), 'rad(attack=fgs(epsilon=0.3), rounds=1, epochs=4)', out));
      const [before, after] = [file(name), out].map((one) => readModel(new Uint8Array(readFileSync(one))));
      expect(after!.graph.outputs).toEqual(before!.graph.outputs);
      expect(after!.graph.nodes).toEqual(before!.graph.nodes);
      const sessions = await Promise.all([file(name), out].map((one) => ort.InferenceSession.create(one)));
      const input = sessions[0]!.inputNames[0]!;
      const output = sessions[0]!.outputNames.at(-1)!;
      const { dims } = before!.graph.inputs[0]!;
      const shape = [2, ...dims!.slice(1).map(Number)];
      const images = new ort.Tensor('float32', new Float32Array(2 * 64).fill(0.4), shape);
      const [old, hardened] = await Promise.all(
        sessions.map(async (session) => (await session.run({ [input]: images }, [output]))[output]!),
      );
      expect(hardened!.dims).toEqual(old!.dims);
      expect(after!.graph.initializers).not.toEqual(before!.graph.initializers);
      for (const session of sessions) await session.release();
    });

    it('weights of float16, which are trained in float32 and rounded again', async () => {
      const [model, out] = [written('half', half), path.join(folder, 'hardened-half.onnx')];
      const ended = await rampart([
        ...harden(model, 'rad(attack=fgs(epsilon=0.3), rounds=1, epochs=4)', out),
        '--json',
      ]);
      expect([ended.code, ended.stderr]).toEqual([0, '']);
      expect(ended.stdout).toMatch(/a copy of the file in float32 is trained, attacked and judged/);
      const last = JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as { note: string };
      expect(last.note).toMatch(
        /rounded to the file's own float types again, which gives \d of \d+ test images another/,
      );
      const [before, after] = [model, out].map((name) => readModel(new Uint8Array(readFileSync(name))).graph);
      const { weights } = Object.fromEntries(after!.initializers);
      expect([weights!.type, weights!.dims]).toEqual(['float16', [64, 2]]);
      expect(weights!.data).not.toEqual(before!.initializers.get('weights')!.data);
      expect([after!.nodes, after!.inputs, after!.outputs]).toEqual([before!.nodes, before!.inputs, before!.outputs]);
    });

    it.each([
      [
        'forest.onnx, which has no weights',
        () => path.join(MODELS, 'forest.onnx'),
        /TreeEnsembleClassifier has no weights/,
      ],
      [
        'weights that are attributes',
        () => path.join(MODELS, 'logistic.onnx'),
        /attributes of operators of ai.onnx.ml/,
      ],
      ['quantised weights', () => written('quantised', quantised), /weights are quantised.*before it is quantised/],
    ])('but not: %s', async (_what, model, says) => {
      const out = path.join(folder, 'refused.onnx');
      const ended = await rampart(harden(model(), 'rad(attack=fgs(epsilon=0.3))', out));
      expectRefusal(ended, 1, [says]);
      expect(() => readFileSync(out)).toThrow();
    });
  });

  it.each([
    [
      'a sequence of scores',
      (b: Builder, z: string) => along(b, z, [1, 0, 2]),
      /a sequence of scores, as CTC.*one row/,
    ],
    [
      'scores of places',
      (b: Builder, z: string) => along(b, z, [0, 1, 2]),
      /scores of each of several places or boxes/,
    ],
    ['a map over the picture', picture, /a map over the picture, as of a segmenter.*mean over the picture/],
    ['boxes', boxes, /boxes of a detector.*largest score of each class/],
    [
      'an embedding',
      (b: Builder, z: string) => b.node('LpNormalization', [z], { axis: 1, p: 2 }, { name: 'code' }),
      /an embedding.*--output code/,
    ],
    [
      'the best of them',
      (b: Builder, z: string) =>
        softmax(b, b.node('TopK', [z, b.constant(int64Vector([10]))], { axis: 1 }, { outputs: 2 })[0]!),
      /the largest scores in the order of their size.*scores of all its classes/,
    ],
    ['labels', (b: Builder, z: string) => b.node('ArgMax', [z], { axis: 1, keepdims: 0 }), /int64\[batch\], labels/],
  ])('are told from %s', async (what, finish, says) => {
    const ended = await rampart(['inspect', written(what, () => ten(finish)), '--json']);
    const { findings, head } = JSON.parse(ended.stdout) as { findings: { text: string }[]; head: string };
    expect(head).toBe('unknown');
    expect(findings.map(({ text }) => text).join(' ')).toMatch(says);
    expect(ended.code).toBe(1);
  });

  function written(name: string, make: () => Uint8Array): string {
    const to = path.join(folder, `${name.replaceAll(' ', '-')}.onnx`);
    writeFileSync(to, make());
    return to;
  }
});

function along(b: Builder, z: string, perm: readonly number[]): string {
  const row = b.node('Unsqueeze', [z, b.constant(int64Vector([1]))]);
  return b.node('Transpose', [b.node('Concat', [row, row, row], { axis: 1 })], { perm: [...perm] });
}

function picture(b: Builder, z: string): string {
  const cell = b.node('Reshape', [z, b.constant(int64Vector([0, 10, 1, 1]))]);
  return b.node('Tile', [cell, b.constant(int64Vector([1, 1, 8, 8]))]);
}

function boxes(b: Builder, z: string): string {
  const four = b.node('Slice', [z, ...[0, 4, 1].map((at) => b.constant(int64Vector([at])))]);
  const row = b.node('Unsqueeze', [four, b.constant(int64Vector([1]))]);
  return b.node('Concat', [row, row, row], { axis: 1 });
}

/** A linear model of digits whose weights are stored as another type and made float32 by a node. */
function stored(make: (builder: Builder) => string): Uint8Array {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['n', 1, 8, 8]);
  const rows = builder.node('Flatten', ['x'], { axis: 1 });
  builder.output(builder.node('MatMul', [rows, make(builder)]));
  const model: Model = {
    ...{ irVersion: 9, opsets: new Map([['', 18]]), producer: 'spec', metadata: new Map(), functions: [] },
    graph: builder.build('stored'),
  };
  return writeModel(model);
}

const quantised = () =>
  stored((b) => {
    const weights = b.initializer('weights', {
      type: 'int8',
      dims: [64, 2],
      data: Int8Array.from({ length: 128 }, (_, i) => 100 * Math.sin(i)),
    });
    return b.node('DequantizeLinear', [weights, number(b, 0.01)]);
  });

const half = () =>
  stored((b) => {
    // 1, -1 or 0.5
    const bits = Uint16Array.from({ length: 128 }, (_, i) => [0x3c00, 0xbc00, 0x3800][(i * i) % 3]!);
    return b.node('Cast', [b.initializer('weights', { type: 'float16', dims: [64, 2], data: bits })], { to: 1 });
  });
