import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { ArtifactRef } from './records';
import { openStore, type Store } from './store';

const AGE = 1000;

describe('uploads', () => {
  let folder: string;
  let store: Store;
  /** Milliseconds that the store's clock is ahead. */
  let ahead = 0;

  beforeEach(async () => {
    ahead = 0;
    folder = await mkdtemp(path.join(tmpdir(), 'rampart-uploads-'));
    store = await openStore(folder, { create: true, now: () => Date.now() + ahead });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  const upload = (text: string): Promise<ArtifactRef> =>
    store.artifacts.write(Buffer.from(text), { name: 'model', extension: 'onnx' });
  const left = async () => (await store.artifacts.list()).map(({ checksum }) => checksum).sort();

  it('that nothing refers to are removed when they are old, with what was found out about them', async () => {
    const { checksum } = await upload('never evaluated');
    await store.documents.put(`inspection:${checksum}`, { operators: [] });
    expect(await store.uploads.collect(AGE)).toEqual([]);
    ahead = 60_000;
    expect(await store.uploads.collect(AGE)).toEqual([{ checksum, extension: 'onnx' }]);
    expect(await left()).toEqual([]);
    expect(await store.documents.get(`inspection:${checksum}`)).toBeUndefined();
  });

  it('stay as long as a step, the experiment of a run, or a job that waits refers to them', async () => {
    const [stepped, evaluated, waiting, refused] = await Promise.all(['a', 'b', 'c', 'd'].map(upload));
    await store.steps.finish({
      key: 'k',
      kind: 'import',
      label: 'take a model',
      output: {},
      artifacts: [stepped!],
      seconds: 1,
      finishedAt: 1,
    });
    const { id } = await store.runs.create({
      name: 'evaluate',
      planKey: 'p',
      experiment: `models: ['onnx(path="${store.artifacts.address(evaluated!)}")']`,
      dataset: 'mnist',
      published: undefined,
      engine: 'onnx',
      seeds: [1],
      stepsTotal: 1,
    });
    await store.runs.update(id, { state: 'done' });
    const queued = await store.jobs.add('inspect', { artifact: waiting!.checksum });
    await store.jobs.fail(await store.jobs.add('inspect', { artifact: refused!.checksum }), 'no model');
    ahead = 60_000;
    await store.uploads.collect(AGE);
    expect(await left()).toEqual([stepped!, evaluated!, waiting!].map(({ checksum }) => checksum).sort());
    await store.jobs.finish(queued, {});
    await store.uploads.collect(AGE);
    expect(await left()).toEqual([stepped!, evaluated!].map(({ checksum }) => checksum).sort());
  });
});
