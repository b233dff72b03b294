import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { parseComponent } from '@rampart/core';
import { openStore, type Store } from '@rampart/results';

import { createCaller } from './router';

describe('an evaluation of an uploaded model', () => {
  let directory: string;
  let store: Store;
  const request = { artifact: 'a'.repeat(64), name: 'mine', dataset: 'mnist(classes=[4, 7])', attacks: 'cg, adam' };

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'rampart-swap-in-'));
    store = await openStore(directory, { create: true });
  });
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  const experimentOf = async (job: number) =>
    ((await store.jobs.find(job))!.request as { experiment: string }).experiment.split('\n');

  it.each(['my model', 'résumé-2', 'net(1)', 'a, b=c'])('calls the model "%s" as its file is called', async (model) => {
    const { job } = await createCaller({ store }).swapIn.evaluate({ ...request, model });
    const line = (await experimentOf(job)).find((one) => one.startsWith('models: '))!;
    const [text] = JSON.parse(line.slice('models: '.length)) as [string];
    expect(parseComponent(text)).toEqual({
      name: 'onnx',
      params: { path: store.artifacts.path({ checksum: request.artifact, extension: 'onnx' }), name: model },
    });
  });

  it.each(['', '"', 'a"b', 'a\nb', '../x', 'x'.repeat(81)])('does not take %j for a name', async (model) => {
    await expect(createCaller({ store }).swapIn.evaluate({ ...request, model })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('that failed is asked for again as it was, one that did not is not', async () => {
    const { swapIn } = createCaller({ store });
    const { job } = await swapIn.evaluate(request);
    await expect(swapIn.again({ job })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await store.jobs.fail(job, 'killed');
    const { job: again } = await swapIn.again({ job });
    expect(again).not.toBe(job);
    expect(await experimentOf(again)).toEqual(await experimentOf(job));
    await expect(swapIn.again({ job: 999_999 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
