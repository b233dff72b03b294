import { setTimeout as delay } from 'node:timers/promises';

import type { Client, ClientConfig } from 'pg';

/** What is told: of events of runs; by workers, of steps; to workers, of steps that are ready or not wanted any more. */
export const CHANNELS = ['rampart_events', 'rampart_steps', 'rampart_work'] as const;

export type Channel = (typeof CHANNELS)[number];

/** Told what somebody said; undefined where something may have been missed. */
export type Listener = (payload: string | undefined) => void;

/** A server that is gone is asked again after so long. */
const PAUSE_MS = 500;

/**
 * What other processes tell of changes, over a connection of its own that is made when somebody first listens. Behind a
 * pooler that passes none on nobody hears anything, so whoever listens looks now and then all the same.
 */
export class Notifications {
  private readonly listeners = new Map<Channel, Set<Listener>>();
  private readonly closing = new AbortController();
  private listening: Promise<void> | undefined;
  private client: Client | undefined;

  constructor(private readonly config: ClientConfig) {}

  /** @returns what ends it */
  listen(channel: Channel, listener: Listener): () => void {
    const others = this.listeners.get(channel) ?? new Set();
    this.listeners.set(channel, others.add(listener));
    if (others.size === 1) void this.client?.query(`listen ${channel}`).catch(() => undefined);
    this.listening ??= this.keepListening();
    return () => void others.delete(listener);
  }

  /** Settles when something was told about a matter, or after `patience` milliseconds, or when the signal fires. */
  next(channel: Channel, about: string, patience: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        end();
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        this.closing.signal.removeEventListener('abort', done);
        resolve();
      };
      const end = this.listen(channel, (payload) => {
        if (payload === undefined || about === '' || payload === about) done();
      });
      const timer = setTimeout(done, patience);
      signal?.addEventListener('abort', done);
      this.closing.signal.addEventListener('abort', done);
      if (signal?.aborted) done();
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.client?.end().catch(() => undefined);
    await this.listening;
  }

  private async keepListening(): Promise<void> {
    const { signal } = this.closing;
    const { Client } = await import('pg');
    while (!signal.aborted) {
      const client = new Client(this.config);
      const ended = new Promise<void>((done) => client.once('end', () => done()));
      client.on('error', () => undefined);
      client.on('notification', ({ channel, payload }) => this.tell(channel as Channel, payload ?? ''));
      try {
        await client.connect();
        this.client = client;
        for (const channel of this.listeners.keys()) await client.query(`listen ${channel}`);
        // What was told while nobody listened.
        for (const channel of this.listeners.keys()) this.tell(channel, undefined);
        if (signal.aborted) await client.end();
        await ended;
      } catch {
        await client.end().catch(() => undefined);
      }
      this.client = undefined;
      if (!signal.aborted) await delay(PAUSE_MS, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  private tell(channel: Channel, payload: string | undefined): void {
    for (const listener of [...(this.listeners.get(channel) ?? [])]) listener(payload);
  }
}
