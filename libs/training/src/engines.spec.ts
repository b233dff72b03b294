import { DeviceLog, PUBLICATION_BOX, Rng } from '@rampart/core';
import { createModel } from '@rampart/models';
import { type Model, readModel, writeModel } from '@rampart/onnx';

import { chooseEngine, engineNamed, engines, startTraining } from './engines';
import { classification } from './objective';
import { sgd } from './optimiser';
import { nativeProblem } from './tfjs/backend';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

it('names every engine', () => {
  for (const engine of engines) expect(engineNamed(engine.name)).toBe(engine);
  expect(() => engineNamed('torch')).toThrow(/Unknown training engine "torch".*Known: auto, onnx, tfjs/);
});

it('chooses onnx unless another is named', async () => {
  expect((await chooseEngine('auto')).name).toBe('onnx');
  expect((await chooseEngine('tfjs')).name).toBe('tfjs');
  expect((await chooseEngine('onnx')).name).toBe('onnx');
});

describe('training with auto', () => {
  const shape = { channels: 1, height: 16, width: 16 };
  const file = createModel('lenet5(conv1=2, conv2=2)', { shape, classes: 2, box: PUBLICATION_BOX, rng: Rng.root(1) });
  const views = {
    images: { data: new Float32Array(2 * 256), shape: [1, 16, 16] },
    labels: { data: Float32Array.of(1, 0, 0, 1), shape: [2] },
  };

  async function lossOf(name: string, model: Uint8Array): Promise<number> {
    const session = await startTraining(name, { model, objective: classification(), optimiser: sgd(0.1, 0) });
    const loss = await session.step(views, 2);
    await session.dispose();
    return loss;
  }

  /** LeNet-5 as a file of one batch size, which the onnx engine refuses; tfjs reads the architecture that it names. */
  async function ofOneBatchSize(changes: Partial<Model> = {}): Promise<Uint8Array> {
    const { graph, ...rest } = readModel(await file);
    const inputs = graph.inputs.map((input) => ({ ...input, dims: [2, ...input.dims!.slice(1)] }));
    return writeModel({ ...rest, graph: { ...graph, inputs }, ...changes });
  }

  it('takes onnx where it can train the model', async () => {
    expect(await lossOf('auto', await file)).toBe(await lossOf('onnx', await file));
  });

  it('takes tfjs where onnx cannot', async () => {
    const model = await ofOneBatchSize();
    await expect(lossOf('onnx', model)).rejects.toThrow(/runs at batch size 2 only/);
    expect(await lossOf('auto', model)).toBe(await lossOf('tfjs', model));
  });

  it('says what onnx finds wrong where no engine can', async () => {
    await expect(lossOf('auto', await ofOneBatchSize({ metadata: new Map() }))).rejects.toThrow(
      /runs at batch size 2 only/,
    );
  });
});

it('trains on the device that is named, or not at all', async () => {
  // ONNX Runtime from npm comes without CUDA.
  const shape = { channels: 1, height: 16, width: 16 };
  const rng = Rng.root(1);
  const model = await createModel('lenet5(conv1=2, conv2=2)', { shape, classes: 2, box: PUBLICATION_BOX, rng });
  const options = { model, objective: classification(), optimiser: sgd(), device: new DeviceLog('cuda') };
  await expect(startTraining('auto', options)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(startTraining('tfjs', options)).rejects.toThrow(/"tfjs" computes on the CPU alone.*"cuda".*"onnx"/);
});

it('keeps tfjs off its native library where the environment asks for WebAssembly', () => {
  const before = process.env['RAMPART_TFJS_BACKEND'];
  process.env['RAMPART_TFJS_BACKEND'] = 'wasm';
  expect(nativeProblem()).toBe('RAMPART_TFJS_BACKEND=wasm');
  if (before === undefined) delete process.env['RAMPART_TFJS_BACKEND'];
  else process.env['RAMPART_TFJS_BACKEND'] = before;
});

it('says what an engine runs on', async () => {
  expect(await engineNamed('onnx').describe()).toBe('ONNX Runtime');
  const native = nativeProblem();
  expect(await engineNamed('tfjs').describe()).toBe(
    native === undefined ? 'tfjs-node' : `tfjs on WebAssembly (${native})`,
  );
});
