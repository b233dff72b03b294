import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { describeWithPostgres } from '../../libs/results/src/postgres/temporary-server.process';
import { freePort } from '../free-port';

/** As `tools/setup/s3-gateway.mjs` leaves it. */
const PROGRAM = path.join(
  process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'),
  'rampart/versitygw-v1.8.0/versitygw',
);
const SECRET = 'secret of a test';
const USER = 'tests';

/** Whether there is a gateway to start; where there must be one, its lack is a failure, not a reason to skip. */
export function hasGateway(): boolean {
  if (existsSync(PROGRAM)) return true;
  if (process.env['RAMPART_CLUSTER'] === 'must')
    throw new Error('There is no S3 gateway: node tools/setup/s3-gateway.mjs builds it.');
  console.warn('There is no S3 gateway here (node tools/setup/s3-gateway.mjs builds it): its suites are skipped.');
  return false;
}

/** `describe` of what needs PostgreSQL and S3-compatible storage. */
export function describeWithCluster(title: string, suite: () => void): void {
  if (hasGateway()) describeWithPostgres(title, suite);
  else describe.skip(title, suite);
}

/** S3-compatible storage on this machine: Versity's gateway over a folder, on a free port. */
export class S3Gateway {
  private child: ChildProcess | undefined;

  private constructor(
    /** Its buckets are folders in there. */
    readonly folder: string,
    readonly port: number,
  ) {}

  /** @param buckets those that there are */
  static async start(folder: string, buckets: readonly string[]): Promise<S3Gateway> {
    for (const bucket of buckets) mkdirSync(path.join(folder, bucket), { recursive: true });
    const gateway = new S3Gateway(folder, await freePort());
    await gateway.start();
    return gateway;
  }

  /** What its clients have in their environment. */
  get environment(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${this.port}`,
      AWS_ACCESS_KEY_ID: USER,
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  }

  /** On the same port as before. */
  async start(): Promise<void> {
    const options = ['--port', `127.0.0.1:${this.port}`, '--access', USER, '--secret', SECRET, '--quiet'];
    this.child = spawn(PROGRAM, [...options, 'posix', this.folder], { stdio: 'ignore' });
    for (let tries = 0; tries < 200 && this.child.exitCode === null; tries++) {
      const answers = await fetch(`http://127.0.0.1:${this.port}/`).catch(() => undefined);
      if (answers) return;
      await delay(50);
    }
    throw new Error(`The S3 gateway does not start on port ${this.port}.`);
  }

  /** @param signal SIGKILL for a server that dies */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }
}
