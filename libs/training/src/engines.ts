import { RampartError, unknownName } from '@rampart/core';

import type { Engine } from './engine';
import { onnxEngine } from './onnx/engine';
import { nativeProblem } from './tfjs/backend';
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
 * The engine to train with. `auto` takes tfjs where tfjs-node's native library is there, else onnx, which is faster
 * than tfjs on WebAssembly.
 * @throws RampartError `unavailable` when the named engine cannot run here
 */
export async function chooseEngine(name: string): Promise<Engine> {
  const engine = name === 'auto' ? (nativeProblem() === undefined ? tfjsEngine : onnxEngine) : engineNamed(name);
  const availability = await engine.available();
  if (availability.ok) return engine;
  throw new RampartError({
    code: 'unavailable',
    message: `Training engine "${engine.name}" cannot run here: ${availability.reason}.`,
  });
}
