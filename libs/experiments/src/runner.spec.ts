import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { argmax, decodeLossPaths, decodeNpyFloat32, RampartError } from '@rampart/core';
import { openStore, type RunEvent, type Store } from '@rampart/results';

import type { Executor } from './executor';
import { parseExperiment } from './experiment';
import { localExecutor } from './local-executor';
import { prepare, type Prepared } from './prepare';
import { type RunOptions, runPlan } from './runner';

const TEXT = `
name: tiny
published: mnist
dataset: mnist(classes=[4, 7], trainLimit=300, testLimit=60)
models: [lenet5]
training: { epochs: 1 }
attacks: [fgs(epsilon=0.3), adam]
sweeps: [{ attack: fgs, parameter: epsilon, values: [0.1, 0.3] }]
`;

describe('the runner', () => {
  let store: Store;
  let prepared: Prepared;
  const folder = mkdtempSync(join(tmpdir(), 'rampart-runner-'));

  beforeEach(async () => {
    store = await openStore(join(folder, expect.getState().currentTestName!.replaceAll(/\W+/g, '-')), { create: true });
    prepared = await prepare(parseExperiment(TEXT, 'tiny.yaml', folder), { engine: 'onnx' });
  });
  afterEach(() => store.close());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (executor: Executor, more: Partial<Pick<RunOptions, 'workers' | 'signal' | 'onEvent' | 'leave'>> = {}) =>
    runPlan({
      ...prepared,
      dataset: prepared.request,
      images: { classes: prepared.dataset.classes, box: prepared.dataset.box },
      store,
      executor,
      workers: 1,
      signal: new AbortController().signal,
      ...more,
    });

  it('fills every cell that the plan names, draws the curve, and tells each step as it ends', async () => {
    const events: RunEvent[] = [];
    const record = await run(localExecutor(store), { onEvent: (event) => events.push(event) });
    expect(record).toMatchObject({ state: 'done', stepsDone: prepared.plan.steps.length });
    const cells = await store.cells.ofRun(record.id);
    for (const { model, attack, mode } of prepared.plan.cells) {
      expect(cells).toContainEqual(expect.objectContaining({ model, attack, mode, metric: 'error-rate' }));
    }
    const curve = await store.curves.ofRun(record.id, 'recall-epsilon');
    expect(curve.map(({ x }) => x)).toEqual([0.1, 0.3]);
    for (const attack of ['fgs(epsilon=0.3)', 'adam']) {
      const losses = (await store.curves.ofRun(record.id, 'attack-loss')).filter(({ series }) => series === attack);
      expect(losses.every(({ model }) => model === 'lenet5')).toBe(true);
      expect(losses[0]!.x).toBe(0);
      expect(losses.at(-1)!.y).toBeLessThan(losses[0]!.y);
    }
    expect(events.filter((event) => event.type === 'step-finished')).toHaveLength(prepared.plan.steps.length);
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', state: 'done' });
  });

  it('keeps with each evaluation what the model said of each instance, and how its loss fell', async () => {
    const record = await run(localExecutor(store));
    const [cell] = await store.cells.ofRun(record.id, { model: 'lenet5', attack: 'adam', mode: 'adaptive' });
    const [step] = await store.steps.findAll([cell!.evaluateStep]);
    const read = async (name: string) =>
      store.artifacts.read(step!.artifacts.find((artifact) => artifact.name === name)!);
    const { data, shape } = decodeNpyFloat32(await read('logits'));
    const instances = await store.instances.ofStep(cell!.evaluateStep);
    expect(shape).toEqual([instances.length, 2, 2]);
    const { evaluations, losses } = decodeLossPaths(await read('losses'));
    const width = evaluations.length;
    instances.forEach(({ label, predictionBefore, predictionAfter }, i) => {
      const [before, after] = [data.subarray(4 * i, 4 * i + 2), data.subarray(4 * i + 2, 4 * i + 4)];
      expect([argmax(before, 0, 2), argmax(after, 0, 2)]).toEqual([predictionBefore, predictionAfter]);
      const margin = (logits: Float32Array) => logits[label]! - logits[1 - label]!;
      // Another session asks in batches of another size.
      expect(losses[i * width]).toBeCloseTo(margin(before), 3);
      expect(losses[(i + 1) * width - 1]).toBeCloseTo(margin(after), 3);
    });
    const curve = await store.curves.ofRun(record.id, 'attack-loss');
    const known = curve.filter(({ model, series }) => model === 'lenet5' && series === 'adam').map(({ x }) => x);
    expect(evaluations).toEqual(known);
  });

  it('notes with each result which versions of what made it', async () => {
    const record = await run(localExecutor(store));
    const versions = new Map(
      (await store.steps.findAll((await store.runSteps.ofRun(record.id)).map(({ key }) => key))).map(
        ({ kind, output }) => [kind, (output as { versions: Record<string, unknown> }).versions],
      ),
    );
    expect(versions.get('train')).toEqual({ core: expect.stringMatching(/^\d+\.\d+/), lenet5: expect.any(Number) });
    expect(Object.keys(versions.get('evaluate')!)).toContain('error-rate');
  });

  it('draws the same curves from results that are there already', async () => {
    const first = await run(localExecutor(store));
    const again = await run(localExecutor(store));
    expect(again.id).not.toBe(first.id);
    const curves = async (id: string) => (await store.curves.ofRun(id)).map(({ runId: _, ...point }) => point);
    expect(await curves(again.id)).toEqual(await curves(first.id));
  });

  it('has as many steps under way as it has workers, though at first a single step is ready', async () => {
    const real = localExecutor(store);
    let underWay = 0;
    let most = 0;
    const counting: Executor = {
      ...real,
      async run(task, signal, onProgress) {
        most = Math.max(most, ++underWay);
        // Long enough for every other lane to take a step if it is going to.
        await new Promise((done) => setTimeout(done, 20));
        return real.run(task, signal, onProgress).finally(() => underWay--);
      },
    };
    expect(await run(counting, { workers: 2 })).toMatchObject({ state: 'done' });
    expect(most).toBe(2);
  });

  it('does each step once, also where one lane hears late that somebody else is at a step', async () => {
    const attacks = prepared.plan.steps.filter(({ kind }) => kind === 'attack');
    const [held, , last] = attacks.map(({ key }) => key) as [string, string, string];
    await store.steps.claim(held, 'somebody', 60_000);
    let begun!: () => void;
    const lastBegun = new Promise<void>((resolve) => (begun = resolve));
    const claim = store.steps.claim.bind(store.steps);
    store.steps.claim = async (...args) => {
      const taken = await claim(...args);
      if (!taken && args[0] === held) await lastBegun;
      return taken;
    };
    const done: string[] = [];
    const { state, stepsDone } = await run(localExecutor(store), {
      workers: 2,
      onEvent: (event) => {
        if (event.type === 'step-finished') done.push(event.step);
        if (event.type !== 'step-started' || event.step !== last) return;
        void store.steps.release(held, 'somebody').then(begun);
      },
    });
    expect({ state, stepsDone }).toEqual({ state: 'done', stepsDone: prepared.plan.steps.length });
    expect(done.sort()).toEqual(prepared.plan.steps.map(({ key }) => key).sort());
  });

  it('judges a model as soon as it is there, before the next one is made, and says how long it takes still', async () => {
    const text = TEXT.replace('attacks:', 'defenses: [distillation(temperature=2)]\nattacks:').replace(/sweeps.*/, '');
    prepared = await prepare(parseExperiment(text, 'two.yaml', folder), { engine: 'onnx' });
    const kinds = new Map(prepared.plan.steps.map(({ key, kind }) => [key, kind]));
    const order: string[] = [];
    const left: (number | undefined)[] = [];
    const record = await run(localExecutor(store), {
      onEvent: (event, secondsLeft) => {
        left.push(secondsLeft());
        if (event.type === 'step-finished') order.push(kinds.get(event.step)!);
      },
    });
    expect(record.state).toBe('done');
    expect(order.slice(0, 2)).toEqual(['train', 'evaluate']);
    // All that there is to know of the first model, its worst case among it.
    expect(order.slice(0, order.indexOf('harden'))).toContain('worst-case');
    expect(order.slice(order.indexOf('harden'))).toContain('attack');
    expect(left[0]).toBeGreaterThan(0);
    expect(left.at(-1)).toBeUndefined();
    expect((await store.runs.get(record.id)).secondsLeft).toBeUndefined();
    const steps = await store.runSteps.ofRun(record.id);
    const filled = steps.flatMap(({ cells = [], key }) => cells.map((one) => ({ ...one, evaluate: key })));
    expect(filled).toHaveLength(prepared.plan.cells.length);
    for (const { model, attack, mode, evaluate } of prepared.plan.cells) {
      expect(filled).toContainEqual({ model, attack, mode, evaluate });
    }
    for (const [position, { needs }] of prepared.plan.steps.entries()) {
      expect(steps[position]!.needs!.map((one) => steps[one]!.key)).toEqual(needs);
    }
  });

  it('lets a step that fails take along only those that need it, and names it', async () => {
    const real = localExecutor(store);
    const faulty: Executor = {
      ...real,
      run: (task, signal, onProgress) =>
        task.step.kind === 'attack' && task.step.attack.name === 'adam'
          ? Promise.reject(new Error('the disk of this attack is on fire'))
          : real.run(task, signal, onProgress),
    };
    const record = await run(faulty);
    expect(record.state).toBe('failed');
    expect(record.error).toMatch(/attack lenet5 with adam.*on fire/);
    const attacks = new Set((await store.cells.ofRun(record.id)).map((cell) => cell.attack));
    expect(attacks).toEqual(new Set(['none', 'fgs(epsilon=0.3)']));

    const left = new Map([['attack lenet5 with adam', 'nobody looked at the disk']]);
    const still = await run(real, { leave: left });
    expect(still).toMatchObject({ id: record.id, state: 'failed' });
    expect(still.error).toBe('Step "attack lenet5 with adam" failed: nobody looked at the disk');

    const mended = await run(real);
    expect(mended).toMatchObject({ id: record.id, state: 'done', error: undefined });
  });

  it('is cancelled between steps, keeps what is finished, and goes on as the same run', async () => {
    const abort = new AbortController();
    const stopped = await run(localExecutor(store), {
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type === 'step-finished' && event.stepsDone === 2) abort.abort();
      },
    });
    expect(stopped.state).toBe('cancelled');
    const again: RunEvent[] = [];
    const resumed = await run(localExecutor(store), { onEvent: (event) => again.push(event) });
    expect(resumed).toMatchObject({ id: stopped.id, state: 'done' });
    expect(again.filter((event) => event.type === 'step-finished' && event.cached)).toHaveLength(2);
  });

  it('does steps again whose files are missing or damaged, to the same bytes, and says so', async () => {
    const first = await run(localExecutor(store));
    const keys = prepared.plan.steps.map(({ key }) => key);
    const files = (await store.steps.findAll(keys)).flatMap(({ label, artifacts }) =>
      artifacts.map((artifact) => ({ label, artifact, path: store.artifacts.address(artifact) })),
    );
    const model = files.find(({ artifact }) => artifact.name === 'model')!;
    const examples = files.find(({ artifact }) => artifact.name === 'adversarial')!;
    const bytes = readFileSync(model.path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(model.path, bytes);
    rmSync(examples.path);

    const events: RunEvent[] = [];
    const again = await run(localExecutor(store), { onEvent: (event) => events.push(event) });
    expect(again.state).toBe('done');
    const said = events.flatMap((event) => (event.type === 'step-damaged' ? [event] : []));
    expect(said.map(({ label }) => label)).toEqual(expect.arrayContaining([model.label, examples.label]));
    expect(said.map(({ reason }) => reason).join()).toMatch(/SHA-256 should be [0-9a-f]{64} and is [0-9a-f]{64}/);
    expect(said.map(({ reason }) => reason).join()).toMatch(/is missing/);
    for (const { artifact } of files) expect(await store.artifacts.fault(artifact)).toBeUndefined();
    expect(events.filter((event) => event.type === 'step-finished' && !event.cached)).toHaveLength(said.length);
    const cells = async (id: string) => (await store.cells.ofRun(id)).map(({ runId: _, ...cell }) => cell);
    expect(await cells(again.id)).toEqual(await cells(first.id));
  });

  it('does not take other bytes for those that were lost', async () => {
    const real = localExecutor(store);
    await run(real);
    const step = prepared.plan.steps.find(({ kind }) => kind === 'train')!;
    const model = (await store.steps.find(step.key))!.artifacts[0]!;
    rmSync(store.artifacts.address(model));
    const other: Executor = {
      ...real,
      async run(task, signal, onProgress) {
        const result = await real.run(task, signal, onProgress);
        if (task.step.kind !== 'train') return result;
        return { ...result, artifacts: [await store.artifacts.write(Buffer.from('other'), model)] };
      },
    };
    const record = await run(other);
    expect(record.state).toBe('failed');
    expect(record.error).toMatch(/came out otherwise/);
    expect(await run(real)).toMatchObject({ id: record.id, state: 'done' });
    expect(await store.artifacts.fault(model)).toBeUndefined();
  });

  it('fails, and is not cancelled, when the store takes no more files, and goes on when it does', async () => {
    const real = localExecutor(store);
    const full: Executor = {
      ...real,
      run: (task, signal, onProgress) =>
        task.step.kind === 'attack'
          ? Promise.reject(new RampartError({ code: 'store', message: 'The file cannot be written: ENOSPC.' }))
          : real.run(task, signal, onProgress),
    };
    const record = await run(full, { workers: 2 });
    expect(record).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/^Step "attack .* ENOSPC/) as string,
    });
    expect(await run(real)).toMatchObject({ id: record.id, state: 'done' });
  });

  it('leaves nothing in the store of how far steps had come that are done', async () => {
    const real = localExecutor(store);
    const telling: Executor = {
      ...real,
      async run(task, signal, onProgress) {
        const result = await real.run(task, signal, onProgress);
        onProgress({ done: 1, total: 2, unit: 'batches' });
        onProgress({ done: 2, total: 2, unit: 'batches' });
        return result;
      },
    };
    const told: RunEvent[] = [];
    const record = await run(telling, { workers: 2, onEvent: (event) => told.push(event) });
    expect(told.filter(({ type }) => type === 'step-progress').length).toBeGreaterThan(0);
    const kept = await store.events.latest(record.id, 1_000);
    expect(kept.filter(({ event }) => event.type === 'step-progress')).toEqual([]);
    expect(kept.filter(({ event }) => event.type === 'step-finished')).toHaveLength(prepared.plan.steps.length);
  });

  it('ends with the reason when events can no longer be written, and leaves no rejection behind', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    const append = store.events.append.bind(store.events);
    const broken = jest
      .spyOn(store.events, 'append')
      .mockImplementation((id, event) =>
        event.type === 'step-progress' || (event.type === 'step-finished' && event.stepsDone > 1)
          ? Promise.reject(new RampartError({ code: 'store', message: 'The disk is full.' }))
          : append(id, event),
      );
    const record = await run(localExecutor(store), { workers: 2 });
    broken.mockRestore();
    expect(record).toMatchObject({ state: 'failed', error: expect.stringContaining('The disk is full.') as string });
    expect(await run(localExecutor(store))).toMatchObject({ state: 'done' });
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
