import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openStore, type Store } from '@rampart/results';

import { whileUnchanged } from './while-unchanged';

describe('what depends on the store alone', () => {
  let folder: string;
  let store: Store;
  let other: Store;
  const counted = () => whileUnchanged(store, 'runs', async () => (await store.runs.list({})).runs.length);
  const addRun = () =>
    other.runs.create({
      ...{ name: 'a', planKey: 'key', experiment: '', dataset: 'mnist', published: undefined },
      ...{ engine: 'onnx', seeds: [1], stepsTotal: 1 },
    });

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rampart-kept-'));
    store = await openStore(folder, { create: true });
    other = await openStore(folder);
  });
  afterEach(async () => {
    await store.close();
    await other.close();
    rmSync(folder, { recursive: true });
  });

  it('is worked out once, and again when somebody else has written', async () => {
    expect(await counted()).toBe(0);
    let works = 0;
    expect(await whileUnchanged(store, 'runs', () => Promise.resolve(++works))).toBe(0);
    expect(works).toBe(0);
    await addRun();
    expect(await counted()).toBe(1);
  });

  it('is not kept where it failed', async () => {
    await expect(whileUnchanged(store, 'runs', () => Promise.reject(new Error('busy')))).rejects.toThrow('busy');
    expect(await counted()).toBe(0);
  });

  it('is another for another question, and the oldest of many are forgotten', async () => {
    let works = 0;
    const ask = (question: number) => whileUnchanged(store, `${question}`, () => Promise.resolve(++works));
    for (let question = 0; question < 17; question++) await ask(question);
    expect(works).toBe(17);
    await ask(16);
    expect(works).toBe(17);
    await ask(0);
    expect(works).toBe(18);
  });
});
