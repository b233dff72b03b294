import { readdir } from 'node:fs/promises';

import { PUBLICATION_BOX, Rng } from '@rampart/core';
import { cacheFolder } from '@rampart/datasets';
import { createModel } from '@rampart/models';
import { runtimeVersion } from '@rampart/onnx';
import { adam, classification, engineNamed, engines } from '@rampart/training';

/** What computes here. */
export interface Installation {
  /** The version of ONNX Runtime. */
  readonly onnxRuntime: string;
  /** Every training engine, with what it runs on. */
  readonly engines: readonly { readonly name: string; readonly runsOn: string }[];
}

/** Looks at what Rampart computes with in this process. */
export async function installation(): Promise<Installation> {
  return {
    onnxRuntime: runtimeVersion(),
    engines: await Promise.all(engines.map(async (engine) => ({ name: engine.name, runsOn: await engine.describe() }))),
  };
}

/**
 * Trains a small network for one step: the graph is exported, differentiated and run.
 * @returns the loss of that step
 * @throws whatever keeps the engine from it
 */
export async function tryEngine(name: string): Promise<number> {
  const shape = { channels: 1, height: 16, width: 16 };
  const model = await createModel('lenet5', { shape, classes: 2, box: PUBLICATION_BOX, rng: Rng.root(1) });
  const session = await engineNamed(name).start({ model, objective: classification(), optimiser: adam() });
  try {
    const images = { data: new Float32Array(2 * 256), shape: [1, 16, 16] };
    const labels = { data: Float32Array.of(1, 0, 0, 1), shape: [2] };
    return await session.step({ images, labels }, 2);
  } finally {
    await session.dispose();
  }
}

/** Whether CIFAR-10 was downloaded before, and where to. */
export async function cifar10Cache(): Promise<{ readonly folder: string; readonly filled: boolean }> {
  const folder = cacheFolder();
  const names = await readdir(folder).catch(() => []);
  return { folder, filled: names.some((name) => /^cifar10-[0-9a-f]+$/.test(name)) };
}
