import { cpus } from 'node:os';
import { deserialize, serialize } from 'node:v8';

import type { Checkpoint } from '@rampart/core';
import { runtimeVersion } from '@rampart/onnx';
import type { CheckpointStore } from '@rampart/results';

import { CORE_VERSION } from '../plugins/load-plugin';

/** To be raised when what is kept changes its form or its meaning. */
const FORMAT = 1;
/** How long at least it goes on between two, and how many times as long as keeping one takes. */
const LEAST_MS = 1_000;
const TIMES = 20;

/** A step's checkpoint in the store. What cannot be kept or had is done again, and harms nobody. */
class StepCheckpoint implements Checkpoint {
  private next = performance.now() + LEAST_MS;

  constructor(
    private readonly step: string,
    private readonly store: CheckpointStore,
    private readonly parts: Map<string, unknown>,
  ) {}

  due(): boolean {
    return performance.now() >= this.next;
  }

  read(part: string): unknown {
    return this.parts.get(part);
  }

  async keep(part: string, state: unknown): Promise<void> {
    const began = performance.now();
    this.parts.set(part, state);
    await attempt(() => this.store.write(this.step, maker(this.step), serialize(this.parts)));
    const now = performance.now();
    this.next = now + Math.max(LEAST_MS, TIMES * (now - began));
  }
}

/** How far the step is, where it was begun before on a machine like this. */
export async function openCheckpoint(step: string, store: CheckpointStore): Promise<Checkpoint> {
  const parts = await attempt(async () => {
    const content = await store.read(step, maker(step));
    return content && (deserialize(content) as Map<string, unknown>);
  });
  return new StepCheckpoint(step, store, parts ?? new Map());
}

/** Another processor, ONNX Runtime or Rampart may come to other bytes. */
function maker(step: string): string {
  const processor = `${cpus()[0]?.model.trim()} (${process.platform} ${process.arch})`;
  const versions = { core: CORE_VERSION, runtime: runtimeVersion(), node: process.versions.v8 };
  return JSON.stringify({ format: FORMAT, step, processor, ...versions });
}

async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
