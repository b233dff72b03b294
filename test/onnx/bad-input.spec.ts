import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { float32Tensor, type Model, readModel, writeModel } from '@rampart/onnx';
import { encodeNpy } from '@rampart/results';

import { rampart, temporaryFolder } from '../integration/rampart';
import { expectRefusal, LENET5, MODELS } from './command';

const EXTERNAL = 'residual-external-dynamo-opset22';

describe('a bad model file gets one line:', () => {
  const folder = temporaryFolder();
  const store = ['--store', path.join(folder, 'store')];
  const evaluate = (file: string, ...more: string[]) =>
    rampart(['evaluate', file, '--dataset', 'mnist(trainLimit=60, testLimit=60)', ...store, ...more]);
  const written = (name: string, content: string | Uint8Array) => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const changed = (name: string, change: (model: Model) => Model) =>
    written(name, writeModel(change(readModel(readFileSync(LENET5)))));

  it.each([
    ['text', 'Dear Sir or Madam', 'no ONNX model'],
    ['nothing', '', 'empty file'],
  ])('%s', async (name, content, said) => {
    const file = written(`${name}.onnx`, content);
    expectRefusal(await rampart(['inspect', file]), 1, [file, said]);
    expectRefusal(await evaluate(file), 1, [file, said]);
  });

  it('no file', async () => {
    expectRefusal(await evaluate(path.join(folder, 'none.onnx')), 2, ['none.onnx', 'no such file']);
  });

  it.each([0.001, 0.5])('cut after %d of it', async (share) => {
    const whole = readFileSync(LENET5);
    const file = written(`cut-${share}.onnx`, whole.subarray(0, Math.ceil(whole.length * share)));
    const ended = await evaluate(file);
    expectRefusal(ended, 1, [file]);
  });

  it('whose external data are missing', async () => {
    const file = path.join(folder, 'alone.onnx');
    copyFileSync(path.join(MODELS, `${EXTERNAL}.onnx`), file);
    expectRefusal(await rampart(['inspect', file]), 1, [file, 'missing beside the model']);
  });

  it('whose external data are outside of its folder', async () => {
    const own = path.join(folder, 'linked');
    mkdirSync(own);
    const file = path.join(own, 'model.onnx');
    copyFileSync(path.join(MODELS, `${EXTERNAL}.onnx`), file);
    symlinkSync(path.join(MODELS, `${EXTERNAL}.onnx.data`), path.join(own, `${EXTERNAL}.onnx.data`));
    expectRefusal(await rampart(['inspect', file]), 1, [file, 'outside of the folder of the model']);
  });

  it('with an operator that nobody has', async () => {
    const file = changed('operator.onnx', (model) => ({
      ...model,
      graph: {
        ...model.graph,
        nodes: model.graph.nodes.map((node, i) => (i === 1 ? { ...node, op: 'Telepathy' } : node)),
      },
    }));
    expectRefusal(await evaluate(file), 1, [file, 'Telepathy']);
    const inspected = await rampart(['inspect', file]);
    expect(inspected.code).toBe(1);
    expect(inspected.stdout).toMatch(/Telepathy.*missing/);
    expect(inspected.stderr).toContain('Telepathy');
  });

  it('of an operator set to come', async () => {
    const file = changed('opset.onnx', (model) => ({ ...model, opsets: new Map([['', 99]]) }));
    expectRefusal(await evaluate(file), 1, [file, /opset|99/]);
  });

  it('with NaN for a weight', async () => {
    const file = changed('nan.onnx', (model) => {
      const [name, { dims, data }] = [...model.graph.initializers].find(([, tensor]) => tensor.dims.length === 4)!;
      const values = Float32Array.from(data as Float32Array);
      values[7] = NaN;
      const initializers = new Map([...model.graph.initializers, [name, float32Tensor(dims, values)] as const]);
      return { ...model, graph: { ...model.graph, initializers } };
    });
    expectRefusal(await evaluate(file), 1, [file, 'NaN']);
    expect((await rampart(['inspect', file])).code).toBe(1);
  });

  it('for images of another shape', async () => {
    const file = path.join(MODELS, 'residual-torchscript-opset13.onnx');
    expectRefusal(await evaluate(file), 1, [file, '1x28x28', '3, 16, 16']);
  });

  it('of another number of classes', async () => {
    expectRefusal(await evaluate(LENET5, '--classes', 'all'), 1, [LENET5, '10 classes', 'Received one of 2']);
  });

  it.each([
    [['--target', '9'], 'Unknown target class "9"'],
    [['--target', '4'], 'choose another'],
    [['--classes', '4,12'], 'no class 12'],
    [['--attacks', 'fgm'], 'Did you mean "fgs"'],
    [['--preprocess', 'mean=many'], 'mean=many'],
  ])('with %j', async (more, said) => {
    expectRefusal(await evaluate(LENET5, ...more), 2, [said]);
  });

  it.each([
    ['rad(attack=adam, rounds=0)', 'out.onnx', 'rounds'],
    ['rad(attack=adam),distillation', 'out.onnx', 'one defense'],
    ['rad(attack=adam)', 'no/folder/out.onnx', 'cannot be written'],
  ])('hardened by %s to %s', async (defense, out, said) => {
    const options = ['--defense', defense, '--out', path.join(folder, out)];
    expectRefusal(await rampart(['harden', LENET5, '--dataset', 'mnist', ...store, ...options]), 2, [said]);
  });

  it('that cannot be trained, as it takes one image at a time', async () => {
    const file = path.join(MODELS, 'batch-of-one-dynamo-opset18.onnx');
    const data = path.join(folder, 'small');
    mkdirSync(data);
    for (const split of ['train', 'test']) {
      writeFileSync(path.join(data, `${split}-images.npy`), encodeNpy(new Float32Array(4 * 144), [4, 12, 12]));
      writeFileSync(path.join(data, `${split}-labels.npy`), encodeNpy(Int32Array.of(0, 1, 2, 3), [4]));
    }
    const options = ['--defense', 'rad(attack=adam)', '--out', path.join(folder, 'out.onnx'), '--data-dir', data];
    const ended = await rampart(['harden', file, '--dataset', 'npy-folder', ...store, ...options]);
    expectRefusal(ended, 1, [file, 'batch size 1 only', 'dynamic batch axis']);
  });

  describe('a gradient', () => {
    const rows = new Float32Array(2 * 784).fill(0.25);
    const input = () => written('x.npy', encodeNpy(rows, [2, 1, 28, 28]));
    const labels = () => written('y.npy', encodeNpy(Int32Array.of(0, 1), [2]));
    const gradient = (x: string, y: string) =>
      rampart(['gradient', LENET5, '--input', x, '--labels', y, '--out', path.join(folder, 'g.npy')]);

    it('of labels that are no classes', async () => {
      const file = written('five.npy', encodeNpy(Int32Array.of(0, 5), [2]));
      expectRefusal(await gradient(input(), file), 1, ['labels from 0 to 1', 'Received 5 at index 1']);
    });

    it('of labels that are no whole numbers', async () => {
      const file = written('floats.npy', encodeNpy(Float32Array.of(0, 1), [2]));
      expectRefusal(await gradient(input(), file), 1, ['floats.npy', 'whole numbers', 'float32']);
    });

    it('of too few labels', async () => {
      const file = written('one.npy', encodeNpy(Int32Array.of(0), [1]));
      expectRefusal(await gradient(input(), file), 1, ['one label for each of 2']);
    });

    it('at inputs of float64', async () => {
      const file = written('double.npy', encodeNpy(Float64Array.from(rows), [2, 1, 28, 28]));
      expectRefusal(await gradient(file, labels()), 1, ['double.npy', 'float32', 'float64']);
    });

    it('at inputs of another shape', async () => {
      const file = written('flat.npy', encodeNpy(rows, [2, 784]));
      expectRefusal(await gradient(file, labels()), 1, ['1, 28, 28', '[2, 784]']);
    });

    it('at inputs from no .npy file', async () => {
      expectRefusal(await gradient(LENET5, labels()), 1, [LENET5, '.npy']);
    });
  });
});
