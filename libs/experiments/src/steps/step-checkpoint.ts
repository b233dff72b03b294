import { cpus } from 'node:os';

import type { Checkpoint, DeviceLog, DeviceUse } from '@rampart/core';
import { runtimeVersion } from '@rampart/onnx';
import type { CheckpointStore } from '@rampart/results';

import { CORE_VERSION } from '../plugins/load-plugin';
import { piecesOf, stateOf } from './kept-state';

/** To be raised when what is kept changes its form or its meaning. */
const FORMAT = 4;
/** How long at least it goes on between two, and how many times as long as keeping one takes. */
const LEAST_MS = 1_000;
const TIMES = 20;

/** What is kept of a part: its state, and what a device was found to do in the step up to there. */
interface Kept {
  readonly state: unknown;
  readonly uses: readonly DeviceUse[];
}

/** A step's checkpoint in the store. What cannot be kept or had is done again, and harms nobody. */
class StepCheckpoint implements Checkpoint {
  private next = performance.now() + LEAST_MS;

  constructor(
    private readonly step: string,
    private readonly store: CheckpointStore,
    private readonly device: DeviceLog | undefined,
  ) {}

  due(): boolean {
    return performance.now() >= this.next;
  }

  read(part: string): Promise<unknown> {
    return attempt(async () => {
      const content = await this.store.read(this.step, part, maker(this.step, part));
      if (!content) return undefined;
      const { state, uses } = stateOf(content) as Kept;
      this.device?.goOn(uses);
      return state;
    });
  }

  async keep(part: string, state: unknown): Promise<void> {
    const began = performance.now();
    const kept: Kept = { state, uses: this.device?.uses() ?? [] };
    await attempt(() => this.store.write(this.step, part, maker(this.step, part), piecesOf(kept)));
    const now = performance.now();
    this.next = now + Math.max(LEAST_MS, TIMES * (now - began));
  }
}

/**
 * How far the step is, where it was begun before on a machine like this.
 * @param device is told what was found of it before
 */
export function openCheckpoint(step: string, store: CheckpointStore, device?: DeviceLog): Checkpoint {
  return new StepCheckpoint(step, store, device);
}

/** Another processor, ONNX Runtime or Rampart may come to other bytes. */
function maker(step: string, part: string): string {
  const processor = `${cpus()[0]?.model.trim()} (${process.platform} ${process.arch})`;
  const versions = { core: CORE_VERSION, runtime: runtimeVersion(), node: process.versions.v8 };
  return JSON.stringify({ format: FORMAT, step, part, processor, ...versions });
}

async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
