import { deserialize, serialize } from 'node:v8';

import type { Checkpoint } from '@rampart/core';

/** Keeps every state that it is offered, and stops the work after so many. */
export class InterruptingCheckpoint implements Checkpoint {
  /** Everything that was kept here, in order. */
  readonly states: unknown[] = [];
  private readonly stop = new AbortController();
  /** Stops the work. */
  readonly signal: AbortSignal = this.stop.signal;

  /** @param most states after which the work is stopped */
  constructor(
    private readonly most = Infinity,
    private readonly parts = new Map<string, unknown>(),
  ) {}

  due(): boolean {
    return true;
  }

  async read(part: string): Promise<unknown> {
    return this.parts.get(part);
  }

  async keep(part: string, state: unknown): Promise<void> {
    // As a process that has ended finds it: nothing of it is shared.
    this.parts.set(part, deserialize(serialize(state)));
    this.states.push(state);
    if (this.states.length === this.most) this.stop.abort();
  }

  /** What the same work finds when it is begun again. */
  again(): InterruptingCheckpoint {
    return new InterruptingCheckpoint(Infinity, this.parts);
  }
}
