import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { parseComponent } from '@rampart/core';
import { inspectionKey, openStore, type Store } from '@rampart/results';

import { createCaller } from './router';

describe('an evaluation of an uploaded model', () => {
  let directory: string;
  let store: Store;
  const request = { artifact: '', name: 'mine', dataset: 'mnist(classes=[4, 7])', attacks: 'cg, adam' };

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'rampart-swap-in-'));
    store = await openStore(directory, { create: true });
    const model = await store.artifacts.write(Buffer.from('brought'), { name: 'model', extension: 'onnx' });
    request.artifact = model.checksum;
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
      params: { path: store.artifacts.address({ checksum: request.artifact, extension: 'onnx' }), name: model },
    });
  });

  it.each(['', '"', 'a"b', 'a\nb', '../x', 'x'.repeat(81)])('does not take %j for a name', async (model) => {
    await expect(createCaller({ store }).swapIn.evaluate({ ...request, model })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('may say what the model is to withstand, and leave it to the threats which attacks run', async () => {
    const { evaluate } = createCaller({ store }).swapIn;
    const threats = ' linf(8/255),l2(0.5) ';
    const open = await experimentOf((await evaluate({ ...request, threats, attacks: '' })).job);
    expect(open).toContain('threats: ["linf(8/255)","l2(0.5)"]');
    expect(open.some((line) => line.startsWith('attacks:'))).toBe(false);
    const named = await experimentOf((await evaluate({ ...request, threats, attacks: 'pgd' })).job);
    expect(named).toContain('attacks: ["pgd"]');
    const plain = await experimentOf((await evaluate({ ...request, threats: ' ' })).job);
    expect(plain.some((line) => line.startsWith('threats:'))).toBe(false);
  });

  it.each([
    ['neither threats nor attacks', { attacks: ' ' }, /nothing to evaluate/],
    ['an unknown norm', { threats: 'l3(1)' }, /Unknown norm "l3"/],
    ['an epsilon that is none', { threats: 'linf(0)' }, /not above 0/],
    ['a threat twice', { threats: 'linf(0.2), linf(51/255)' }, /given twice/],
  ])('is refused with %s', async (_what, over, message) => {
    await expect(createCaller({ store }).swapIn.evaluate({ ...request, ...over })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringMatching(message),
    });
  });

  it('may harden it, with examples made before to replay on what comes of it', async () => {
    const { evaluate } = createCaller({ store }).swapIn;
    const { job } = await evaluate({ ...request, defenses: 'rad(attack=fgs(epsilon=0.1), rounds=1), smoothing' });
    const lines = await experimentOf(job);
    expect(lines).toContain('defenses: ["rad(attack=fgs(epsilon=0.1), rounds=1)","smoothing"]');
    expect(lines).toContain('examples: ["static","adaptive"]');
    const plain = await experimentOf((await evaluate({ ...request, defenses: ' ' })).job);
    expect(plain.some((line) => line.startsWith('defenses:'))).toBe(false);
    expect(plain).toContain('examples: ["adaptive"]');
  });

  it('is a run of the name that was typed', async () => {
    const { job } = await createCaller({ store }).swapIn.evaluate({ ...request, name: 'tiny: 4 (malicious)' });
    expect(await experimentOf(job)).toContain('name: "tiny: 4 (malicious)"');
  });

  it('has what a model needs to be evaluated right: preprocessing, classes, seeds', async () => {
    const more = {
      classes: '4, 7',
      preprocess: 'range=0..1 mean=0.5 std=0.2',
      positiveIndex: 1 as const,
      seeds: [1, 3],
    };
    const { job } = await createCaller({ store }).swapIn.evaluate({
      ...request,
      dataset: 'mnist(testLimit=9)',
      ...more,
    });
    const lines = await experimentOf(job);
    expect(lines).toContain('dataset: "mnist(testLimit=9, classes=[4, 7])"');
    expect(lines).toContain('seeds: [1, 3]');
    const [text] = JSON.parse(lines.find((one) => one.startsWith('models: '))!.slice('models: '.length)) as [string];
    expect(parseComponent(text).params).toMatchObject({ preprocess: more.preprocess, positiveIndex: 1 });
    const all = await createCaller({ store }).swapIn.evaluate({
      ...request,
      dataset: 'mnist',
      classes: 'all',
      target: '3',
    });
    expect(await experimentOf(all.job)).toEqual(
      expect.arrayContaining(['dataset: "mnist(classes=all)"', 'target: "3"']),
    );
  });

  it('that is careful says how the model does far better', async () => {
    const { swapIn } = createCaller({ store });
    const { job } = await swapIn.evaluate({ ...request, careful: true });
    expect((await store.jobs.find(job))!.request).toMatchObject({ careful: true });
    expect((await swapIn.job({ id: job })).better).toBeUndefined();
    const better = { preprocess: 'range=0..1', figures: '98.4% of 128 test samples are right' };
    await store.jobs.finish(job, { better });
    expect(await swapIn.job({ id: job })).toMatchObject({ state: 'done', runId: undefined, better });
    const turned = { positiveIndex: 0, figures: '2.0% of 128 test samples are right' };
    await store.jobs.finish(job, { better: turned });
    expect((await swapIn.job({ id: job })).better).toEqual(turned);
    const plain = await swapIn.evaluate(request);
    expect((await store.jobs.find(plain.job))!.request).not.toHaveProperty('careful');
  });

  it('is refused on data that the model cannot take, before anything is asked for', async () => {
    const { swapIn } = createCaller({ store });
    await store.documents.put(inspectionKey(request.artifact), {
      inputs: [{ name: 'x', type: 'float32', shape: ['N', 1, 28, 28] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['N', 2] }],
      operators: [],
    });
    const before = (await store.jobs.pending()).length;
    await expect(swapIn.evaluate({ ...request, dataset: 'cifar10' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('takes 1x28x28, and samples of cifar10 are 3x32x32'),
    });
    expect((await store.jobs.pending()).length).toBe(before);
    expect(await swapIn.fit({ artifact: request.artifact })).toMatchObject({ datasets: ['mnist', 'fashion-mnist'] });
  });

  it('is chosen from what the trainer wrote down, defaults of any kind among it', async () => {
    const parameters = [
      { name: 'epsilon', type: 'number', description: '' },
      { name: 'steps', type: 'integer', default: 100, description: 'How many.' },
      { name: 'loss', type: 'string', default: 'dlr', description: '' },
    ];
    await store.documents.put('catalog', { attacks: [{ name: 'pgd', summary: 'Steps.', version: 1, parameters }] });
    const catalog = await createCaller({ store }).swapIn.catalog();
    expect(catalog!.attacks[0]!.parameters.map((one) => one.default)).toEqual(['required', '100', 'dlr']);
  });
});
