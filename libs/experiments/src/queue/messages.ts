import type { Progress } from '@rampart/core';

/** What workers tell of steps. */
export type StepMessage =
  | { readonly type: 'begun' | 'done' | 'failed'; readonly key: string }
  /** That a worker cannot do it, and others may. */
  | { readonly type: 'left'; readonly key: string; readonly worker: string; readonly why: string }
  | { readonly type: 'progress'; readonly key: string; readonly progress: Progress };

/** What is told to workers: that a step may be ready, or that one that they may be at is not wanted any more. */
export type WorkMessage = 'ready' | `cancel ${string}`;

/** @returns undefined for what another version says */
export function readStepMessage(payload: string): StepMessage | undefined {
  try {
    return JSON.parse(payload) as StepMessage;
  } catch {
    return undefined;
  }
}
