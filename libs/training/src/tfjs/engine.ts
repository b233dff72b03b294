import type { Engine } from '../engine';

/** What the tfjs engine says that it runs on where TensorFlow's library loads. */
export const NATIVE_TFJS = 'tfjs-node';

/**
 * Trains the tfjs-layers form of a model: on tfjs-node where its native library loads, else on WebAssembly. It takes
 * only files that name their architecture. Layers run in their inference form, as they do in the onnx engine. tfjs takes
 * long to load, which is done when the engine is first asked for something.
 */
export const tfjsEngine: Engine = {
  name: 'tfjs',
  describe: async () => (await loaded()).describe(),
  available: async () => (await loaded()).available(),
  start: async (options) => (await loaded()).start(options),
};

async function loaded(): Promise<Omit<Engine, 'name'>> {
  return (await import('./tfjs-engine.js')).tfjsEngine;
}
