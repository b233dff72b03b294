import { setTimeout as delay } from 'node:timers/promises';

import { Client, type ClientConfig } from 'pg';

/** What a channel of the store's server is called. */
export type Channel = 'rampart_events' | 'rampart_steps';

/** A server that is gone is asked again after so long. */
const PAUSE_MS = 1_000;

/**
 * What other processes tell of changes, over a connection of its own that is made when somebody first waits. Behind a
 * pooler that passes none on, whoever waits does so until his time is over.
 */
export class Notifications {
  private readonly waiting = new Set<{ readonly about: string; readonly wake: () => void }>();
  private listening = false;
  private closed = false;
  private client: Client | undefined;

  constructor(
    private readonly config: ClientConfig,
    private readonly channel: Channel,
  ) {}

  /** Settles when something was told about a matter, or after `patience` milliseconds, or when the signal fires. */
  async next(about: string, patience: number, signal?: AbortSignal): Promise<void> {
    this.listen();
    const over = new AbortController();
    await new Promise<void>((done) => {
      const entry = { about, wake: done };
      this.waiting.add(entry);
      signal?.addEventListener('abort', () => done(), { once: true, signal: over.signal });
      if (signal?.aborted) done();
      const timer = setTimeout(done, patience);
      over.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        this.waiting.delete(entry);
      });
    });
    over.abort();
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const { wake } of this.waiting) wake();
    await this.client?.end().catch(() => undefined);
  }

  private listen(): void {
    if (this.listening) return;
    this.listening = true;
    void this.keepListening();
  }

  private async keepListening(): Promise<void> {
    while (!this.closed) {
      const client = new Client(this.config);
      const ended = new Promise<void>((done) => client.once('end', () => done()));
      client.on('error', () => undefined);
      client.on('notification', ({ payload }) => this.tell(payload ?? ''));
      try {
        await client.connect();
        await client.query(`listen ${this.channel}`);
        this.client = client;
        // What was told while nobody listened.
        for (const { wake } of this.waiting) wake();
        await ended;
      } catch {
        await client.end().catch(() => undefined);
      }
      if (!this.closed) await delay(PAUSE_MS, undefined, { ref: false });
    }
  }

  private tell(payload: string): void {
    for (const { about, wake } of this.waiting) if (about === payload || about === '') wake();
  }
}
