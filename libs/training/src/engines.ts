import { isRampartError, RampartError, unknownName } from '@rampart/core';

import type { Engine, StartOptions, TrainingSession } from './engine';
import { onnxEngine } from './onnx/engine';
import { tfjsEngine } from './tfjs/engine';

/** Every training engine. */
export const engines: readonly Engine[] = [onnxEngine, tfjsEngine];

/** @throws RampartError `usage` that lists the engines. */
export function engineNamed(name: string): Engine {
  const engine = engines.find((candidate) => candidate.name === name);
  if (!engine) throw unknownName('training engine', name, ['auto', ...engines.map((known) => known.name)]);
  return engine;
}

/**
 * The engine to train with. `auto` takes onnx, which trains several times as fast as tfjs on its native library, and
 * faster still than tfjs on WebAssembly.
 * @throws RampartError `unavailable` when the named engine cannot run here
 */
export async function chooseEngine(name: string): Promise<Engine> {
  const engine = name === 'auto' ? onnxEngine : engineNamed(name);
  const availability = await engine.available();
  if (availability.ok) return engine;
  throw new RampartError({
    code: 'unavailable',
    message: `Training engine "${engine.name}" cannot run here: ${availability.reason}.`,
  });
}

/**
 * Starts the training of a model. `auto` takes the engine that `chooseEngine` takes wherever that can train the model,
 * else tfjs.
 * @throws RampartError `unavailable` when the named engine cannot run here
 * @throws RampartError `bad-model` when it, or of `auto` every engine, cannot train this model
 */
export async function startTraining(name: string, options: StartOptions): Promise<TrainingSession> {
  const engine = await chooseEngine(name);
  try {
    return await engine.start(options);
  } catch (error) {
    if (name !== 'auto' || !isRampartError(error) || error.code !== 'bad-model') throw error;
    // tfjs asks for a file that names its architecture, which most do not: why onnx refuses says more.
    return await tfjsEngine.start(options).catch(() => Promise.reject(error));
  }
}
