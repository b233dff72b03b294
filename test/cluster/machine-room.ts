import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { TemporaryServer } from '../../libs/results/src/postgres/temporary-server.process';
import { CLI, type Ended, rampart, type RampartOptions } from '../integration/rampart';
import { hasGateway, S3Gateway } from './s3-gateway';

/** A command that goes on until it is ended. */
export interface Running {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

/**
 * PostgreSQL, S3-compatible storage (a folder where there is no gateway to start), and as many workers as are started:
 * all on this machine, each a process.
 */
export class MachineRoom {
  private readonly workers = new Set<Running>();
  /** Workers that were started so far. */
  started = 0;

  private constructor(
    readonly server: TemporaryServer,
    readonly folder: string,
    readonly store: string,
    readonly gateway: S3Gateway | undefined,
  ) {}

  static async open(): Promise<MachineRoom> {
    const server = await TemporaryServer.make();
    const folder = mkdtempSync(path.join(tmpdir(), 'rampart-cluster-'));
    const gateway = hasGateway() ? await S3Gateway.start(path.join(folder, 'gateway'), ['team']) : undefined;
    return new MachineRoom(server, folder, await server.database(), gateway);
  }

  /** Without copies on this machine, so that every read of a file asks the storage. */
  get environment(): Record<string, string> {
    const artifacts = this.gateway ? 's3://team/runs' : path.join(this.folder, 'files');
    const files = { RAMPART_ARTIFACTS: artifacts, RAMPART_CACHE_MIB: '0' };
    return { RAMPART_STORE: this.store, ...files, ...this.gateway?.environment };
  }

  /** Asks the store's database. */
  query(sql: string): Promise<Record<string, unknown>[]> {
    return this.server.query(sql, new URL(this.store).pathname.slice(1));
  }

  run(args: readonly string[], options: RampartOptions = {}): Promise<Ended> {
    return rampart(args, { ...options, env: { ...this.environment, ...options.env } });
  }

  /** @param env beside what every worker has */
  startWorker(env: Readonly<Record<string, string>> = {}): Running {
    const child = spawn(process.execPath, [CLI, 'worker', '--threads', '1'], {
      env: { ...process.env, RAMPART_DATA_DIR: undefined, ...this.environment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
    const worker = { child, said: () => said, ended };
    this.workers.add(worker);
    this.started++;
    void ended.then(() => this.workers.delete(worker));
    return worker;
  }

  /** Workers that are there now. */
  get alive(): readonly Running[] {
    return [...this.workers];
  }

  async killWorkers(): Promise<void> {
    const workers = this.alive;
    for (const { child } of workers) child.kill('SIGKILL');
    await Promise.all(workers.map(({ ended }) => ended));
  }

  async close(): Promise<void> {
    await this.killWorkers();
    await this.gateway?.stop('SIGKILL');
    await this.server.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits until something is so. */
export async function until(so: () => boolean | Promise<boolean>, what: string, seconds = 240): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await so())) {
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s in vain until ${what}.`);
    await new Promise((done) => setTimeout(done, 100));
  }
}
