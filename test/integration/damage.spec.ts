import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { DatabaseSync } from '@photostructure/sqlite';
import { DATABASE_FILE } from '@rampart/results';

import { TINY_EXPERIMENT } from '../reliability/experiment';
import { type Ended, findingsOf, rampart, succeeds, temporaryFolder } from './rampart';

describe('a store that is damaged', () => {
  const folder = temporaryFolder();
  const experiment = path.join(folder, 'tiny.yaml');
  const pristine = path.join(folder, 'pristine');
  let copies = 0;

  beforeAll(async () => {
    writeFileSync(experiment, TINY_EXPERIMENT);
    await succeeds(rampart(['run', experiment, '--store', pristine]));
  });

  /** A copy of the store to do something to. */
  const copy = () => {
    const store = path.join(folder, `copy ${copies++} 'of' $(it)`);
    cpSync(pristine, store, { recursive: true });
    return store;
  };
  const filesOf = (store: string, extension: string) =>
    readdirSync(path.join(store, 'artifacts'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith(extension))
      .map((file) => path.join(store, 'artifacts', file));
  const sql = (store: string, text: string) => {
    const database = new DatabaseSync(path.join(store, DATABASE_FILE));
    database.exec(text);
    database.close();
  };
  const flip = (file: string) => {
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
  };
  /** One clear error, and no trace of the program's inside. */
  const expectOneSentence = ({ code, stderr }: Ended, said: RegExp) => {
    expect(stderr).toMatch(said);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  };

  it('is verified: sound, then with a flipped bit and a file removed, each named with the runs that need it', async () => {
    const sound = await rampart(['verify', '--store', pristine]);
    expect([sound.code, sound.stdout]).toEqual([0, expect.stringContaining('holds what was written to it')]);
    const store = copy();
    flip(filesOf(store, '.onnx')[0]!);
    rmSync(filesOf(store, '.npy')[0]!);
    const { code, stdout } = await rampart(['verify', '--store', store]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/step "train lenet5" \(needed by \d{8}-\d{6}-\w{6}\): .*\.onnx of the store is damaged/);
    expect(stdout).toMatch(/\.npy of the store is missing/);
    const report = await rampart(['report', '--store', store]);
    expect(report.code).toBe(1);
    expect(report.stderr).toMatch(/what they were measured on is damaged/);
  });

  it('is healed by the same command, and by verify --repair, to the same bytes', async () => {
    const before = findingsOf(await rampart(['run', experiment, '--store', copy(), '--json']));
    for (const heal of [
      (store: string) => rampart(['run', experiment, '--store', store, '--json']),
      (store: string) => rampart(['verify', '--repair', '--store', store]),
    ]) {
      const store = copy();
      for (const file of [...filesOf(store, '.onnx'), ...filesOf(store, '.npy')]) flip(file);
      await succeeds(heal(store));
      await succeeds(rampart(['verify', '--store', store]));
      expect(findingsOf(await rampart(['run', experiment, '--store', store, '--json']))).toEqual(before);
    }
  });

  it('is repaired where figures have changed in the database', async () => {
    const store = copy();
    sql(store, 'update cells set value = 0.5');
    const report = await rampart(['report', '--store', store]);
    expectOneSentence(report, /the figures of run .* are not those that it ended with/);
    await succeeds(rampart(['verify', '--repair', '--store', store]));
    expect((await rampart(['report', '--store', store])).stdout).toBe(
      (await rampart(['report', '--store', pristine])).stdout,
    );
  });

  it.each<[string, (store: string) => void, RegExp]>([
    ['text that is no UTF-8', (store) => sql(store, `update runs set tags = cast(x'ff5b' as text)`), /no UTF-8/],
    [
      'a name that is no UTF-8',
      (store) => sql(store, `update runs set name = cast(x'ff41' as text)`),
      /runs\.name .*no UTF-8/,
    ],
    ['a number that is text', (store) => sql(store, `update runs set started_at = 'x'`), /not of type bigint/],
    ['half a file', (store) => truncateSync(path.join(store, DATABASE_FILE), 60_000), /damaged or is no store/],
    ['an empty file', (store) => truncateSync(path.join(store, DATABASE_FILE), 0), /it is empty/],
    ['noise', (store) => writeFileSync(path.join(store, DATABASE_FILE), 'noise'.repeat(99)), /is not a database/],
  ])('of which commands say in one sentence what is wrong: %s', async (what, damage, said) => {
    const store = copy();
    damage(store);
    expectOneSentence(await rampart(['report', '--store', store]), said);
    expect(await rampart(['verify', '--store', store])).toMatchObject({ code: 1, signal: null });
    // Of a database that can be read otherwise, a new run needs nothing that is damaged.
    if (/^(half|an|noise)/.test(what)) expectOneSentence(await rampart(['run', experiment, '--store', store]), said);
  });

  it('goes on where its log of changes was damaged after it was killed', async () => {
    for (const damage of [
      (log: string) => truncateSync(log, statSync(log).size >> 1),
      flip,
      (log: string) => rmSync(log),
    ]) {
      const store = path.join(folder, `killed ${copies++}`);
      let log = '';
      await rampart(['run', experiment, '--store', store], {
        onOutput: (said, kill) => {
          if (said.includes('[3/')) kill('SIGKILL');
        },
      });
      log = path.join(store, `${DATABASE_FILE}-wal`);
      damage(log);
      const report = await rampart(['report', '--store', store]);
      expect(report.stderr).not.toMatch(/layout|readonly/);
      await succeeds(rampart(['run', experiment, '--store', store]));
      await succeeds(rampart(['verify', '--store', store]));
    }
  });

  it('is copied whole while a run goes on, and the copy is a store', async () => {
    const store = copy();
    rmSync(path.join(store, DATABASE_FILE));
    rmSync(path.join(store, 'artifacts'), { recursive: true });
    const target = path.join(folder, 'backup');
    let backup: Promise<Ended> | undefined;
    const run = await rampart(['run', experiment, '--store', store], {
      onOutput: (said) => {
        if (said.includes('[2/')) backup ??= rampart(['backup', target, '--store', store]);
      },
    });
    expect(run.code).toBe(0);
    await succeeds(backup);
    await succeeds(rampart(['verify', '--store', target]));
    await succeeds(rampart(['run', experiment, '--store', target]));
    const again = await rampart(['backup', target, '--store', store]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('has something in it')]);
  });
});
