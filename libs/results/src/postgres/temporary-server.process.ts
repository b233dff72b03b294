import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Client } from 'pg';

const PASSWORD = 'a secret: /@%';

/** A PostgreSQL of its own for tests: a cluster in a temporary folder on a free port, gone when it is removed. */
export class TemporaryServer {
  private child: ChildProcess | undefined;
  private databases = 0;

  private constructor(
    private readonly programs: string,
    private readonly folder: string,
    readonly port: number,
  ) {}

  static async make(): Promise<TemporaryServer> {
    const programs = programsOfPostgres();
    if (programs === undefined)
      throw new Error('There is no PostgreSQL here: no initdb in PATH or /usr/lib/postgresql.');
    const folder = mkdtempSync(path.join(tmpdir(), 'rampart-postgres-'));
    const server = new TemporaryServer(programs, folder, await freePort());
    server.initialise();
    await server.start();
    return server;
  }

  /** A new empty database's address. */
  async database(): Promise<string> {
    const name = `store_${++this.databases}`;
    await this.query(`create database ${name}`);
    return this.url(name);
  }

  url(database = 'postgres'): string {
    return `postgres://rampart:${encodeURIComponent(PASSWORD)}@127.0.0.1:${this.port}/${database}`;
  }

  async query(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.url(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Talks TLS from now on, too. @param key of the certificate, both PEM files */
  async useCertificate(key: string, certificate: string): Promise<void> {
    for (const [file, name] of [
      [key, 'server.key'],
      [certificate, 'server.crt'],
    ] as const) {
      const own = path.join(this.data, name);
      writeFileSync(own, readFileSync(file), { mode: 0o600 });
      const { uid, gid } = identity();
      if (uid !== undefined && gid !== undefined) chownSync(own, uid, gid);
    }
    await this.query('alter system set ssl = on');
    await this.query('select pg_reload_conf()');
    // It takes a moment to be heard.
    while ((await this.query('show ssl'))[0]!['ssl'] !== 'on') await new Promise((done) => setTimeout(done, 20));
  }

  async start(): Promise<void> {
    // No fsync: what is killed here is processes, never the machine.
    const settings = ['listen_addresses=127.0.0.1', 'fsync=off', 'max_connections=60', 'autovacuum=off'];
    this.child = spawn(
      path.join(this.programs, 'postgres'),
      ['-D', this.data, '-k', this.folder, '-p', String(this.port), ...settings.flatMap((one) => ['-c', one])],
      { ...identity(), stdio: 'ignore' },
    );
    const deadline = Date.now() + 60_000;
    for (;;) {
      try {
        await this.query('select 1');
        return;
      } catch (error) {
        if (Date.now() > deadline || this.child.exitCode !== null) throw error;
        await new Promise((done) => setTimeout(done, 50));
      }
    }
  }

  /** Ends it as a crash does, or in order, breaking every connection. */
  async stop(how: 'SIGQUIT' | 'SIGINT' = 'SIGQUIT'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((done) => child.once('close', () => done()));
    child.kill(how);
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get data(): string {
    return path.join(this.folder, 'data');
  }

  private initialise(): void {
    const { uid, gid } = identity();
    const password = path.join(this.folder, 'password');
    writeFileSync(password, PASSWORD);
    if (uid !== undefined && gid !== undefined) for (const one of [this.folder, password]) chownSync(one, uid, gid);
    chmodSync(this.folder, 0o700);
    const ways = ['--auth=scram-sha-256', '--username=rampart', `--pwfile=${password}`];
    execFileSync(
      path.join(this.programs, 'initdb'),
      ['-D', this.data, ...ways, '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8'],
      {
        ...identity(),
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
  }
}

/** Where PostgreSQL's programs are; undefined where it is not installed. */
export function programsOfPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => path.join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(path.delimiter),
  ];
  return folders.find((folder) => existsSync(path.join(folder, 'initdb')) && existsSync(path.join(folder, 'postgres')));
}

/** `describe` of what needs PostgreSQL: skipped with a word where there is none, unless it must be there. */
export function describeWithPostgres(title: string, suite: () => void): void {
  const there = programsOfPostgres() !== undefined;
  if (!there && process.env['RAMPART_CLUSTER'] === 'must')
    throw new Error('PostgreSQL must be here for these tests, and is not.');
  if (!there) process.stderr.write(`${title}: skipped, as there is no PostgreSQL here.\n`);
  (there ? describe : describe.skip)(title, suite);
}

/** PostgreSQL refuses to run as root: then it runs as the user that Debian makes for it, or as nobody. */
function identity(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (!user) throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody" here.');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
