import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { DatabaseSync } from '@photostructure/sqlite';

import type { InstanceRecord } from './records';
import { DATABASE_FILE } from './open-folder';
import { openStore, type Store } from './store';

const STEP = { kind: 'train', label: 'train lenet5', output: { parameters: 3 }, seconds: 0.1, finishedAt: 1 };

describe('verifying a store', () => {
  let directory: string;
  let store: Store;
  let run: string;

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'rampart-verify-'));
    store = await openStore(directory, { create: true });
    const { id } = await store.runs.create({
      name: 'one',
      planKey: 'plan',
      experiment: 'name: one',
      dataset: 'mnist',
      published: undefined,
      engine: 'onnx',
      seeds: [1],
      stepsTotal: 2,
    });
    run = id;
    const model = await store.artifacts.write(Buffer.from('a model'), { name: 'model', extension: 'onnx' });
    await store.steps.finish({ ...STEP, key: 'train', artifacts: [model] });
    await store.steps.finish({ ...STEP, key: 'judge', label: 'evaluate', artifacts: [] }, [instance(1), instance(0)]);
    await store.runSteps.put(id, [
      { key: 'train', kind: 'train', label: 'train lenet5', position: 0 },
      { key: 'judge', kind: 'evaluate', label: 'evaluate', position: 1 },
    ]);
    await store.curves.put([{ runId: id, seed: 1, diagram: 'd', model: 'm', series: 's', x: 1, y: 2 }]);
    await store.runs.update(id, { state: 'done', finishedAt: 2 });
    await store.runs.seal(id);
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  /** Changes the database behind the store's back. */
  const sql = (text: string) => {
    const database = new DatabaseSync(path.join(directory, DATABASE_FILE));
    database.exec('pragma foreign_keys = off; pragma ignore_check_constraints = on');
    database.exec(text);
    database.close();
  };

  it('finds nothing in a store that holds what was written', async () => {
    const told: number[] = [];
    const found = await store.verifier.verify({ onProgress: ({ done, total }) => told.push(done / total) });
    expect(found).toEqual({
      database: [],
      steps: [],
      runs: [],
      files: [],
      checked: { steps: 2, runs: 1, files: 1 },
    });
    expect(told.at(-1)).toBe(1);
  });

  it('names a damaged and a missing file, the step that made it and the runs that need it', async () => {
    const file = store.artifacts.address((await store.steps.find('train'))!.artifacts[0]!);
    const bytes = readFileSync(file);
    bytes[0]! ^= 4;
    writeFileSync(file, bytes);
    const { steps } = await store.verifier.verify();
    expect(steps).toEqual([
      {
        key: 'train',
        label: 'train lenet5',
        faults: [expect.stringMatching(/^The file artifacts\/.*onnx of the store is damaged/)],
        runs: [run],
      },
    ]);
    rmSync(file);
    expect((await store.verifier.verify()).steps[0]!.faults[0]).toMatch(/is missing$/);
  });

  it('finds a damaged file that no step has made', async () => {
    const upload = await store.artifacts.write(Buffer.from('uploaded'), { name: 'model', extension: 'onnx' });
    writeFileSync(store.artifacts.address(upload), 'uploaxed');
    expect((await store.verifier.verify()).files).toEqual([expect.stringContaining(upload.checksum)]);
  });

  it.each([
    ['a figure', 'update curves set y = 2.5', { runs: 1 }],
    ['the experiment of a run', `update runs set experiment = 'name: two'`, { runs: 1 }],
    ['the output of a step', `update steps set output = '{"parameters":4}' where key = 'train'`, { steps: 1 }],
    ['a checksum', `update step_artifacts set checksum = replace(checksum, 'a', 'b')`, { steps: 1 }],
    ['an instance', 'update instances set prediction_after = 3 where position = 1', { steps: 1 }],
    ['a reference', `insert into run_steps values ('nobody', 0, 'k', 'train', 'l', null, null)`, { database: 1 }],
    ['a number that is text', `update runs set started_at = 'x'`, { database: 1 }],
    ['text that is no UTF-8', `update runs set name = cast(x'ff41' as text)`, { database: 1 }],
  ])('finds that %s has changed', async (_, change, expected) => {
    sql(change);
    const { database, steps, runs } = await store.verifier.verify();
    expect({ database: database.length, steps: steps.length, runs: runs.length }).toEqual({
      database: 0,
      steps: 0,
      runs: 0,
      ...expected,
    });
  });

  it('leaves the name and the tags of a run to whoever changes them', async () => {
    await store.runs.rename(run, 'another');
    await store.runs.tag(run, ['kept']);
    expect((await store.verifier.verify()).runs).toEqual([]);
  });

  it('is refused by readers: a record that is not what was written, and a value of another type', async () => {
    sql(`update steps set output = '{"parameters":4}' where key = 'train'`);
    await expect(store.steps.find('train')).rejects.toMatchObject({ code: 'damaged' });
    sql(`update runs set tags = '['`);
    await expect(store.runs.find(run)).rejects.toMatchObject({ code: 'damaged' });
    sql(`update runs set name = x'00', tags = '[]'`);
    await expect(store.runs.find(run)).rejects.toThrow(/runs.name has a value that is not of type text/);
    sql(`update runs set name = cast(x'ff41' as text)`);
    await expect(store.runs.find(run)).rejects.toThrow(/runs.name has text that is no UTF-8/);
    // What stands in for such bytes may have been written.
    sql(`update runs set name = '\uFFFDA'`);
    expect((await store.runs.find(run))?.name).toBe('\uFFFDA');
  });
});

function instance(position: number): InstanceRecord {
  return {
    evaluateStep: 'judge',
    position,
    testIndex: position,
    label: 0,
    predictionBefore: 0,
    predictionAfter: 1,
    confidenceBefore: 0.1,
    confidenceAfter: 0.2,
    distortion: 0.5,
    linf: 0.3,
    iterations: 4,
  };
}
