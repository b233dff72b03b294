import type { Progress } from '@rampart/core';

/** What workers tell of steps. */
export type StepMessage =
  | { readonly type: 'begun' | 'done' | 'failed'; readonly key: string }
  /** That a worker cannot do it, and others may. */
  | { readonly type: 'left'; readonly key: string; readonly worker: string; readonly why: string }
  | { readonly type: 'progress'; readonly key: string; readonly progress: Progress };

/** What is told to workers: that a step may be ready, or that steps that they may be at are not wanted any more. */
export type WorkMessage = 'ready' | `cancel ${string}`;

/** The keys of steps that one message names at most, of 64 letters each: a message has 8000 bytes. */
const KEYS_A_MESSAGE = 100;

/** That steps are not wanted any more, in as few messages as there can be. */
export function cancelMessages(keys: readonly string[]): WorkMessage[] {
  const messages: WorkMessage[] = [];
  for (let start = 0; start < keys.length; start += KEYS_A_MESSAGE) {
    messages.push(`cancel ${keys.slice(start, start + KEYS_A_MESSAGE).join(' ')}`);
  }
  return messages;
}

/** The keys of steps that are not wanted any more; none where the message says something else. */
export function cancelledKeys(message: string | undefined): string[] {
  const [word, ...keys] = message?.split(' ') ?? [];
  return word === 'cancel' ? keys : [];
}

/** @returns undefined for what another version says */
export function readStepMessage(payload: string): StepMessage | undefined {
  try {
    return JSON.parse(payload) as StepMessage;
  } catch {
    return undefined;
  }
}
