import { chooseEngine, engineNamed, engines } from './engines';
import { nativeProblem } from './tfjs/backend';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

it('names every engine', () => {
  for (const engine of engines) expect(engineNamed(engine.name)).toBe(engine);
  expect(() => engineNamed('torch')).toThrow(/Unknown training engine "torch".*Known: auto, onnx, tfjs/);
});

it('chooses tfjs where its native library is there, else onnx', async () => {
  expect((await chooseEngine('auto')).name).toBe(nativeProblem() === undefined ? 'tfjs' : 'onnx');
  expect((await chooseEngine('tfjs')).name).toBe('tfjs');
  expect((await chooseEngine('onnx')).name).toBe('onnx');
});

it('says what an engine runs on', async () => {
  expect(await engineNamed('onnx').describe()).toBe('ONNX Runtime');
  const native = nativeProblem();
  expect(await engineNamed('tfjs').describe()).toBe(
    native === undefined ? 'tfjs-node' : `tfjs on WebAssembly (${native})`,
  );
});
