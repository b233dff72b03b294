import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { float32Tensor, GraphBuilder, type Model, readModel, scalar, writeModel } from '@rampart/onnx';
import { compose } from '@rampart/models';
import { parseComponent } from '@rampart/core';
import { datasets } from '@rampart/datasets';
import { encodeNpy } from '@rampart/results';

import { ownLenet5 } from '../fixtures/own-lenet5';
import { rampart, temporaryFolder } from '../integration/rampart';
import { LENET5, MODELS, runJson, valuesOf } from './command';

const DATASET = ['--dataset', 'mnist(testLimit=100)', '--classes', '4,7'];
const ATTACKS = ['--attacks', 'fgs(epsilon=0.1),fgs(epsilon=0.3),cg,adam'];

describe('rampart evaluate', () => {
  const folder = temporaryFolder();
  const store = ['--store', path.join(folder, 'store')];
  const evaluate = (file: string, ...more: string[]) =>
    runJson(['evaluate', file, '--name', 'model', ...store, ...more]);
  const success = (run: Awaited<ReturnType<typeof evaluate>>) => valuesOf(run, 'success-rate', 'model', 'adaptive');

  it("attacks PyTorch's LeNet-5 with the success it has on the same weights in Rampart's own", async () => {
    const own = path.join(folder, 'own.onnx');
    writeFileSync(own, await ownLenet5(readFileSync(LENET5), 'lenet5(pool=max)'));
    const [theirs, ours] = [
      await evaluate(LENET5, ...DATASET, ...ATTACKS),
      await evaluate(own, ...DATASET, ...ATTACKS),
    ];
    expect(Object.keys(success(theirs))).toEqual(expect.arrayContaining(['fgs(epsilon=0.1)', 'cg', 'adam']));
    expect(success(theirs)).toEqual(success(ours));
    expect(success(theirs)['adam']).toBeGreaterThan(0.9);
    expect(valuesOf(theirs, 'error-rate', 'model', 'clean')).toEqual(valuesOf(ours, 'error-rate', 'model', 'clean'));
    expect(theirs.run.notes).toEqual([
      "Labels of the data are mapped to the model's columns: 4 is column 0, 7 is column 1.",
      'Only samples of class "4" are attacked; with classes=all those of every class are.',
    ]);
  });

  it('takes two classes of a model of ten, each in its own column', async () => {
    const file = path.join(MODELS, 'digits-torchscript-opset17.onnx');
    const ten = await evaluate(file, ...DATASET, '--attacks', 'fgs(epsilon=0.1)');
    expect(valuesOf(ten, 'error-rate', 'model', 'clean')['none']).toBeLessThan(0.1);
    expect(ten.run.notes).toEqual([
      'Only samples of class "4" are attacked; with classes=all those of every class are.',
    ]);
  });

  it('puts preprocessing in front: bytes in NHWC give the same figures', async () => {
    const file = path.join(folder, 'bytes.onnx');
    writeFileSync(file, takingBytes(readFileSync(LENET5)));
    const attacks = ['--attacks', 'fgs(epsilon=0.3),adam'];
    const plain = await evaluate(LENET5, ...DATASET, ...attacks);
    const bytes = await evaluate(file, ...DATASET, ...attacks, '--preprocess', 'range=0..255 layout=nhwc');
    expect(success(bytes)).toEqual(success(plain));
  });

  it('prints the experiment that it is, which gives the same run', async () => {
    const ended = await rampart(['evaluate', LENET5, ...store, ...DATASET, '--attacks', 'fgs(epsilon=0.2)']);
    expect(ended.code).toBe(0);
    const text = ended.stdout.split('\n').slice(1, ended.stdout.split('\n').indexOf('')).join('\n');
    const file = path.join(folder, 'experiment.yaml');
    writeFileSync(file, text);
    const again = await rampart(['run', file, ...store]);
    expect(again.code).toBe(0);
    const [figures, more] = again.stdout.slice(again.stdout.indexOf('Error rate')).split('\nThis is the measurement');
    expect(figures).toBe(ended.stdout.slice(ended.stdout.indexOf('Error rate')));
    expect(more).toMatch(/^ of run \S+ once more/);
    expect((await rampart(['report', ...store])).stdout).toContain('lenet5-torchscript-opset13.onnx');
  });

  it('attacks all ten classes, untargeted and targeted', async () => {
    const digits = path.join(MODELS, 'digits-torchscript-opset17.onnx');
    const all = ['--dataset', 'mnist(testLimit=80)', '--classes', 'all', '--attacks', 'fgs(epsilon=0.3),adam'];
    const untargeted = await evaluate(digits, ...all);
    expect(success(untargeted)['adam']).toBeGreaterThan(0.9);
    const targeted = await evaluate(digits, ...all, '--target', '3');
    expect(targeted.run.notes.join()).toContain('aim at class "3"');
    expect(success(targeted)['adam']).toBeGreaterThan(0.8);
    // One step away from the class is less often a step to a given other one.
    expect(success(targeted)['fgs(epsilon=0.3)']).toBeLessThan(success(untargeted)['fgs(epsilon=0.3)']!);
  });

  it('falls back to estimated gradients on a random forest, and says so', async () => {
    const data = path.join(folder, 'digits');
    await writeSmallDigits(data);
    const options = ['--dataset', 'npy-folder', '--data-dir', data, '--preprocess', 'range=0..1'];
    const forest = path.join(MODELS, 'forest.onnx');
    const result = await evaluate(forest, ...options, '--attacks', 'adam(iterations=10),spsa(iterations=10)');
    expect(result.run.notes.join()).toMatch(
      /its gradient is zero everywhere; attacks use gradients estimated from 64 queries/,
    );
    const clean = valuesOf(result, 'error-rate', 'model', 'clean')['none']!;
    for (const [attack, rate] of Object.entries(success(result))) {
      if (attack !== 'none') expect([attack, rate > clean + 0.1]).toEqual([attack, true]);
    }
  });
});

/** MNIST at 8x8 pixels, the size of scikit-learn's digits, on which the forest was trained. */
async function writeSmallDigits(folder: string): Promise<void> {
  mkdirSync(folder);
  const { definition, params } = datasets.resolve(parseComponent('mnist(classes=all, testLimit=60, trainLimit=60)'));
  const { train, test } = await definition.load(params, {});
  for (const [split, { images, labels }] of Object.entries({ train, test })) {
    const pixels = new Float32Array(images.count * 64);
    images.data.forEach((value, i) => {
      const [row, column] = [Math.floor((i % 784) / 28) - 2, (i % 28) - 2];
      if (row < 0 || row >= 24 || column < 0 || column >= 24) return;
      const cell = Math.floor(i / 784) * 64 + Math.floor(row / 3) * 8 + Math.floor(column / 3);
      pixels[cell] = Math.min(1, pixels[cell]! + (value + 0.5) / 9);
    });
    writeFileSync(path.join(folder, `${split}-images.npy`), encodeNpy(pixels, [images.count, 8, 8]));
    writeFileSync(path.join(folder, `${split}-labels.npy`), encodeNpy(Int32Array.from(labels), [images.count]));
  }
}

/** The same network for images [batch, height, width, channels] of values from 0 to 255. */
function takingBytes(bytes: Uint8Array): Uint8Array {
  const model = readModel(bytes);
  const [input] = model.graph.inputs;
  const front = new GraphBuilder();
  front.input('photo', 'float32', ['n', 28, 28, 1]);
  const moved = front.node('Transpose', ['photo'], { perm: [0, 3, 1, 2] });
  const scaled = front.node('Div', [moved, front.constant(scalar(255))]);
  const value = front.node('Sub', [scaled, front.constant(float32Tensor([1], [0.5]))]);
  front.output(value);
  const graph = compose(front.build('front'), model.graph, { from: value, to: input!.name });
  const whole: Model = { ...model, graph: { ...graph, outputs: graph.outputs.slice(1) } };
  return writeModel(whole);
}
