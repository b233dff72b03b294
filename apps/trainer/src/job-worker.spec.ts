import { mkdir, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openStore, RESTORABLE_MS } from '@rampart/results';

import { startJobWorker } from './job-worker';

const RUN = {
  ...{ name: 'one', planKey: 'plan', experiment: 'name: one', dataset: 'mnist', published: undefined, engine: 'onnx' },
  ...{ seeds: [1], stepsTotal: 1 },
};

describe('the worker of the dashboard', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rampart-jobs-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('starts, says what is wrong and removes the rest where something old cannot be removed', async () => {
    const longAgo = Date.now() - RESTORABLE_MS - 3_600_000;
    const store = await openStore(folder, { create: true, now: () => longAgo });
    const upload = await store.artifacts.write(Buffer.from('never evaluated'), { name: 'model', extension: 'onnx' });
    // A folder in the place of a file: nobody can remove it as one.
    const place = store.artifacts.address(upload);
    await rm(place);
    await mkdir(place);
    await utimes(place, new Date(longAgo), new Date(longAgo));
    const { id } = await store.runs.create(RUN);
    await store.runs.update(id, { state: 'done', finishedAt: longAgo });
    await store.runs.delete(id);
    await store.close();

    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const worker = await startJobWorker(folder);
    await worker.stop();
    expect(said.mock.calls.map(([text]) => text)).toEqual([expect.stringMatching(/^rampart: .*directory/)]);
    said.mockRestore();
    const after = await openStore(folder, { readOnly: true });
    expect(await after.runs.find(id, { deleted: true })).toBeUndefined();
    await after.close();
  });
});
