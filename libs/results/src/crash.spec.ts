import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openStore, type Store } from './store';

function startProcess(file: string, ...args: readonly string[]) {
  const options = ['--conditions=@rampart/source', '--require=@swc-node/register'];
  return spawn(process.execPath, [...options, path.join(__dirname, file), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Starts a process that writes steps without end, and tells the number of each that is finished. */
function startWriter(
  directory: string,
  name: string,
): { process: ChildProcess; finished: number[]; errors: () => string } {
  const child = startProcess('crash-writer.process.ts', directory, name);
  const finished: number[] = [];
  let errors = '';
  let rest = '';
  child.stdout.on('data', (text: Buffer) => {
    const lines = (rest + text.toString()).split('\n');
    rest = lines.pop()!;
    finished.push(...lines.map(Number));
  });
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  return { process: child, finished, errors: () => errors };
}

const ended = (child: ChildProcess) => new Promise<void>((done) => child.once('close', () => done()));

async function until(condition: () => boolean, child: ChildProcess, errors: () => string): Promise<void> {
  while (!condition()) {
    if (child.exitCode !== null) throw new Error(`The writer ended: ${errors()}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

/** Everything that a writer said it had finished is there and whole, and nothing is there in part. */
async function expectWhole(store: Store, name: string, finished: readonly number[]): Promise<void> {
  for (let number = 0; number <= finished.length; number++) {
    const step = await store.steps.find(`${name}-${number}`);
    if (number < finished.length) expect(step).toBeDefined();
    if (!step) continue;
    expect(await store.instances.ofStep(step.key)).toHaveLength(50);
    for (const artifact of step.artifacts) expect((await store.artifacts.read(artifact)).length).toBe(artifact.bytes);
  }
}

describe('a store that processes are killed over', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'rampart-crash-'));
    await (await openStore(directory, { create: true })).close();
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('has all that two writers at once have finished when both are killed, and hands their claims on', async () => {
    const writers = ['a', 'b'].map((name) => ({ name, ...startWriter(directory, name) }));
    const exits = writers.map((writer) => ended(writer.process));
    for (const writer of writers) {
      await until(() => writer.finished.length >= 8, writer.process, writer.errors);
    }
    for (const writer of writers) writer.process.kill('SIGKILL');
    await Promise.all(exits);

    const store = await openStore(directory);
    for (const writer of writers) {
      expect(writer.errors()).toBe('');
      await expectWhole(store, writer.name, writer.finished);
      // The step that the writer died at can be begun at once, though its lease of an hour has not run out.
      const next = [writer.finished.length, writer.finished.length + 1].map((number) => `${writer.name}-${number}`);
      for (const key of next) {
        if (!(await store.steps.find(key))) expect(await store.steps.claim(key, 'successor', 1000)).toBe(true);
      }
    }
    await store.close();
    const files = await readdir(path.join(directory, 'artifacts'), { recursive: true });
    const named = files.filter((file) => file.endsWith('.npy'));
    expect(named.length).toBeGreaterThanOrEqual(writers.reduce((sum, writer) => sum + writer.finished.length, 0));
  }, 60_000);

  it('is made by several processes at once', async () => {
    const stores = Array.from({ length: 8 }, (_, i) => path.join(directory, `store-${i}`));
    const makers = Array.from({ length: 3 }, () =>
      startProcess('create-store.process.ts', `${Date.now() + 5000}`, ...stores),
    );
    const errors = await Promise.all(
      makers.map(async (maker) => {
        let said = '';
        maker.stderr.on('data', (text: Buffer) => (said += text.toString()));
        await ended(maker);
        return said;
      }),
    );
    expect(errors).toEqual(['', '', '']);
    for (const store of stores) await (await openStore(store)).close();
  }, 60_000);

  it('keeps what is written after a process opened it twice and another opened and closed it', async () => {
    const store = await openStore(directory);
    const step = (key: string) => ({
      key,
      kind: 'train',
      label: key,
      output: {},
      artifacts: [],
      seconds: 0,
      finishedAt: 0,
    });
    // As the threads of a run do.
    const again = await openStore(directory);
    for (const key of ['first', 'second']) {
      expect(await findElsewhere(directory, 'nothing')).toBe('missing');
      await store.steps.finish(step(key));
      expect(await findElsewhere(directory, key)).toBe('found');
    }
    await again.close();
    expect(await findElsewhere(directory, 'second')).toBe('found');
    await store.steps.finish(step('third'));
    expect(await findElsewhere(directory, 'third')).toBe('found');
    await store.close();
  }, 60_000);
});

/** Looks for a step in a process of its own, which opens the store and closes it again. */
async function findElsewhere(directory: string, key: string): Promise<string> {
  const child = startProcess('crash-reader.process.ts', directory, key);
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  await ended(child);
  return said.trim();
}
