import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Picture } from '@rampart/reports';
import { encodeNpy, type EventRecord, type InstanceRecord, openStore, type Store } from '@rampart/results';
import { TRPCError } from '@trpc/server';

import { handleRequest } from './handle-request';
import { createCaller } from './router';

const CLASSES = ['4', '7'];

const instance = (evaluateStep: string, position: number, after: number): InstanceRecord => ({
  evaluateStep,
  position,
  testIndex: position * 3,
  label: 0,
  predictionBefore: 0,
  predictionAfter: after,
  confidenceBefore: 0.9,
  confidenceAfter: 0.8,
  distortion: 0.01 * (position + 1),
  linf: 0.5,
  iterations: position + 1,
});

/** A run with two models under two attacks, white-box, five attacked instances each, and its files. */
async function fill(store: Store): Promise<string> {
  const run = await store.runs.create({
    name: 'first',
    planKey: 'p',
    experiment: 'name: first',
    dataset: 'mnist(classes=[4, 7])',
    published: 'mnist',
    engine: 'onnx',
    seeds: [1],
    stepsTotal: 8,
    images: { classes: CLASSES, box: { min: -0.5, max: 0.5 } },
  });
  const originals = new Float32Array(5 * 4).fill(-0.5);
  const adversarial = originals.map((value, index) => value + (index % 4 === 0 ? 0.25 : index % 4 === 1 ? 1 : 0));
  const files = [
    await store.artifacts.write(encodeNpy(originals, [5, 1, 2, 2]), { name: 'originals', extension: 'npy' }),
    await store.artifacts.write(encodeNpy(adversarial, [5, 1, 2, 2]), { name: 'adversarial', extension: 'npy' }),
  ];
  const model = await store.artifacts.write(Buffer.from('model'), { name: 'model', extension: 'onnx' });
  const steps = [];
  const cell = { runId: run.id, seed: 1, metric: 'error-rate', unit: 'fraction', count: 10, low: 0, high: 1 };
  for (const [row, label] of ['lenet5', 'rad(attack=adam)'].entries()) {
    await store.steps.finish({
      key: `m${row}`,
      kind: row === 0 ? 'train' : 'harden',
      label,
      output: {},
      artifacts: [model],
      seconds: 2,
      finishedAt: 1,
    });
    steps.push({ key: `m${row}`, kind: row === 0 ? 'train' : 'harden', label, position: steps.length });
    await store.models.put([
      {
        runId: run.id,
        seed: 1,
        label,
        step: `m${row}`,
        artifact: row === 0 ? model.checksum : 'e'.repeat(64),
        parents: row === 0 ? [] : ['m0'],
        parameters: 10,
        engine: 'onnx',
        facts: {},
      },
    ]);
    await store.cells.put([
      {
        ...cell,
        model: label,
        attack: 'none',
        mode: 'clean',
        value: 0.1,
        attackStep: undefined,
        evaluateStep: `c${row}`,
      },
    ]);
    for (const attack of ['cg', 'adam']) {
      const key = `${row}-${attack}`;
      const instances = [0, 1, 2, 3, 4].map((position) => instance(key, position, position <= row + 1 ? 1 : 0));
      await store.steps.finish(
        { key, kind: 'evaluate', label: key, output: {}, artifacts: files, seconds: 1, finishedAt: 1 },
        instances,
      );
      steps.push({ key, kind: 'evaluate', label: key, position: steps.length });
      await store.cells.put([
        {
          ...cell,
          model: label,
          attack,
          mode: 'adaptive',
          value: 0.2 * (row + 1),
          attackStep: undefined,
          evaluateStep: key,
        },
      ]);
    }
  }
  await store.runSteps.put(run.id, [...steps, { key: 'open', kind: 'evaluate', label: 'to do', position: 9 }]);
  await store.curves.put([
    { runId: run.id, seed: 1, diagram: 'training', model: 'lenet5', series: 'training loss', x: 1, y: 0.5 },
    { runId: run.id, seed: 2, diagram: 'training', model: 'lenet5', series: 'training loss', x: 1, y: 1.5 },
  ]);
  return run.id;
}

/** What a subscription's envelope holds: the caller hands it out as it is, identity first. */
function dataOf(envelope: unknown): { run: { state: string }; events: EventRecord[] } {
  return (envelope as [string, { run: { state: string }; events: EventRecord[] }])[1];
}

describe('the API', () => {
  let directory: string;
  let store: Store;
  let time: number;
  let api: ReturnType<typeof createCaller>;
  let id: string;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'rampart-api-'));
    time = Date.UTC(2026, 0, 1);
    store = await openStore(directory, { create: true, now: () => time });
    api = createCaller({ store });
    id = await fill(store);
  });

  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  const failure = async (work: Promise<unknown>): Promise<TRPCError> => {
    try {
      await work;
    } catch (error) {
      if (error instanceof TRPCError) return error;
      throw error;
    }
    throw new Error('It did not fail.');
  };

  it('lists runs with how the best defense stands, and the progress of those that are running', async () => {
    await store.events.append(id, { type: 'step-started', step: 'open', kind: 'evaluate', label: 'to do' });
    await store.events.append(id, { type: 'step-progress', step: 'open', done: 1, total: 4, unit: 'batches' });
    const { runs, total, facets } = await api.runs.list({});
    expect(total).toBe(1);
    expect(facets.datasets).toEqual(['mnist(classes=[4, 7])']);
    expect(runs[0]).toMatchObject({ name: 'first', best: { model: 'rad(attack=adam)', mode: 'adaptive' } });
    // The undefended model stands up better, and is the best of nothing all the same.
    expect(runs[0]!.best).toMatchObject({
      undefended: false,
      everyFalls: false,
      attackable: 5,
      attacks: ['adam', 'cg'],
    });
    expect(runs[0]!.best!.robustAccuracy.value).toBeCloseTo(0.4);
    expect(runs[0]).not.toHaveProperty('experiment');
    expect(runs[0]!.progress!.active).toMatchObject([{ label: 'to do', done: 1, total: 4 }]);
    // What the run's own process says, which its terminal shows too.
    expect(runs[0]!.progress!.left).toBeUndefined();
    await store.runs.heartbeat(id, 140);
    time += 10_000;
    const { progress } = await api.runs.get({ id });
    expect(progress).toMatchObject({
      left: 'about 3 min left',
      active: [{ pace: expect.stringMatching(/\/(s|min|h)$/) }],
    });
  });

  it('finds a run by the end of its identity, and a model by the beginning of its checksum', async () => {
    expect((await api.runs.get({ id: id.slice(-6) })).run.id).toBe(id);
    expect((await api.runs.get({ id: id.slice(0, 10) })).run.id).toBe(id);
    const { artifact } = (await store.models.ofRun(id))[0]!;
    expect((await api.models.get({ artifact: artifact.slice(0, 12) })).artifact).toBe(artifact);
    expect((await failure(api.models.get({ artifact: 'abcdef' }))).code).toBe('NOT_FOUND');
  });

  it('says in plain words what is wrong with an input, and where', async () => {
    const said = async (procedure: string, json: object) => {
      const answer = await handleRequest(
        new Request(`http://localhost/api/trpc/${procedure}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ json }),
        }),
        { endpoint: '/api/trpc', store: () => Promise.resolve(store) },
      );
      const { error } = (await answer.json()) as { error: { json: { message: string } } };
      return error.json.message;
    };
    expect(await said('runs.rename', { id, name: 'x'.repeat(200) })).toBe('name: Expected at most 120 characters.');
    expect(await said('runs.tag', { id, tags: ['good', '!'] })).toMatch(/^tags\.1: Letters, digits/);
    expect(await said('experiments.start', { text: 'plugins: [./mine.ts]' })).toMatch(/names files of the server/);
    expect(await said('experiments.start', { text: 'name: [' })).toMatch(/no valid YAML/);
    expect(await store.jobs.pending()).toEqual([]);
  });

  it('goes on with a run that stopped, as it was asked for, and once', async () => {
    expect((await failure(api.runs.resume({ id }))).message).toContain('is running');
    await store.runs.update(id, { state: 'failed', error: 'no', finishedAt: time });
    const { job } = await api.runs.resume({ id });
    expect((await store.jobs.find(job))!.request).toEqual({
      experiment: 'name: first',
      engine: 'onnx',
      seeds: [1],
      goesOnWith: id,
    });
    expect(await api.runs.resume({ id })).toEqual({ job });
    expect((await api.runs.get({ id })).goingOn).toBe(job);
    await store.runs.update(id, { state: 'done' });
    expect((await failure(api.runs.resume({ id }))).message).toContain('nothing left to do');
  });

  it('arranges the matrix with clean errors and published figures', async () => {
    const { adaptive, static: transfer, metrics } = await api.runs.matrix({ id });
    expect(metrics).toEqual(['error-rate']);
    expect(adaptive.attacks).toEqual(['cg', 'adam']);
    expect(adaptive.rows.map((row) => [row.model, row.clean?.value, ...row.cells.map((one) => one?.value)])).toEqual([
      ['lenet5', 0.1, 0.2, 0.2],
      ['rad(attack=adam)', 0.1, 0.4, 0.4],
    ]);
    expect(adaptive.rows[1]!.cells[0]!.published).toEqual({ value: 0.402, table: 'table3' });
    expect(transfer.attacks).toEqual([]);
  });

  it('averages over seeds', async () => {
    const [cell] = await store.cells.ofRun(id, { model: 'lenet5', attack: 'cg' });
    await store.cells.put([{ ...cell!, seed: 2, value: 0.4, low: 0.3, high: 0.5 }]);
    const { adaptive } = await api.runs.matrix({ id });
    const figure = adaptive.rows[0]!.cells[0]!;
    expect(figure.value).toBeCloseTo(0.3);
    expect(figure.deviation).toBeCloseTo(Math.SQRT2 / 10);
    // Two seeds that far apart say next to nothing.
    expect([figure.low, figure.high, figure.seeds]).toEqual([0, 1, [1, 2]]);
  });

  it('opens a cell: outcomes, convergence and distortions of its instances', async () => {
    const cell = await api.runs.cell({ id, model: 'rad(attack=adam)', attack: 'cg', mode: 'adaptive' });
    expect(cell.modelSpec).toEqual({ name: 'rad', params: { attack: 'adam' } });
    expect(cell.seeds).toMatchObject([{ seed: 1, outcomes: { evaded: 3, resisted: 2, misclassified: 0, unmoved: 0 } }]);
    expect(cell.convergence).toEqual([
      { iterations: 0, evaded: 0 },
      { iterations: 1, evaded: 0.2 },
      { iterations: 2, evaded: 0.4 },
      { iterations: 3, evaded: 0.6 },
    ]);
    expect(cell.distortions.reduce((sum, bin) => sum + bin.count, 0)).toBe(3);
    expect((await failure(api.runs.cell({ id, model: 'x', attack: 'cg', mode: 'adaptive' }))).code).toBe('NOT_FOUND');
  });

  it('shows instances with their pictures, by page, model, attack and outcome', async () => {
    const page = await api.gallery.page({ id, perPage: 3, page: 2, order: 'position' });
    expect([page.total, page.pages, page.classes]).toEqual([20, 7, CLASSES]);
    expect(page.items.map((item) => [item.model, item.attack, item.position])).toEqual([
      ['lenet5', 'cg', 3],
      ['lenet5', 'cg', 4],
      ['lenet5', 'adam', 0],
    ]);
    const picture = page.items[0]!.picture as Picture;
    expect(picture).toMatchObject({ channels: 1, height: 2, width: 2, scale: 1 });
    expect([...Buffer.from(picture.original, 'base64')]).toEqual([0, 0, 0, 0]);
    expect([...Buffer.from(picture.adversarial, 'base64')]).toEqual([64, 255, 0, 0]);
    expect([...new Int8Array(Buffer.from(picture.perturbation, 'base64'))]).toEqual([32, 127, 0, 0]);
    const evaded = await api.gallery.page({ id, outcome: 'evaded', model: 'lenet5', attack: 'adam' });
    expect(evaded.items.map((item) => item.position)).toEqual([0, 1]);
    expect((await api.gallery.page({ id, page: 99 })).items).toEqual([]);
    // What evaded is what somebody looks for.
    const outcomes = (await api.gallery.page({ id })).items.map(({ outcome }) => outcome);
    expect(outcomes.indexOf('resisted')).toBe(outcomes.filter((one) => one === 'evaded').length);
    const least = (await api.gallery.page({ id, order: 'distortion', perPage: 4 })).items;
    expect(least.map(({ outcome, distortion }) => [outcome, distortion])).toEqual(
      [0.01, 0.01, 0.01, 0.01].map((distortion) => ['evaded', distortion]),
    );
  });

  it('shows one image under every attack on every model', async () => {
    const { items, models, attacks } = await api.gallery.instance({ id, testIndex: 6 });
    expect([models, attacks]).toEqual([
      ['lenet5', 'rad(attack=adam)'],
      ['cg', 'adam'],
    ]);
    expect(items.map((item) => [item.model, item.attack, item.outcome]).sort()).toEqual([
      ['lenet5', 'adam', 'resisted'],
      ['lenet5', 'cg', 'resisted'],
      ['rad(attack=adam)', 'adam', 'evaded'],
      ['rad(attack=adam)', 'cg', 'evaded'],
    ]);
    const { before, after, testSamples } = await api.gallery.instance({ id, testIndex: 6 });
    expect([before, after, testSamples]).toEqual([3, 9, 10]);
    const between = await api.gallery.instance({ id, testIndex: 13 });
    expect([between.items, between.before, between.after]).toEqual([[], 12, undefined]);
  });

  it('draws curves: what was recorded, as means over the seeds, and what budgets give', async () => {
    expect((await api.curves.recorded({ id })).diagrams).toEqual([
      {
        diagram: 'training: training loss',
        series: [{ name: 'lenet5', model: 'lenet5', seeds: 2, points: [[1, 1]] }],
      },
    ]);
    const budgets = await api.curves.budget({ id, attack: 'cg', budget: 'distortion' });
    expect(budgets.map((one) => [one.name, one.points])).toEqual([
      [
        'lenet5',
        [
          [0, 0],
          [0.01, 0.2],
          [0.02, 0.4],
        ],
      ],
      [
        'rad(attack=adam)',
        [
          [0, 0],
          [0.01, 0.2],
          [0.02, 0.4],
          [0.03, 0.6],
        ],
      ],
    ]);
  });

  it('knows where a model came from, and asks for its inspection once', async () => {
    const { models, total } = await api.models.list({});
    expect(total).toBe(2);
    const base = models.find((model) => model.label === 'lenet5')!;
    expect(base.cleanError).toEqual({ value: 0.1, low: 0, high: 1 });
    const card = await api.models.get({ artifact: base.artifact });
    expect(card).toMatchObject({ bytes: 5, madeBy: { label: 'lenet5' }, parents: [], inspection: undefined });
    expect(card.children.map((child) => child.label)).toEqual(['rad(attack=adam)']);
    expect(card.runs[0]!.figures.map((figure) => figure.attack)).toEqual(['none', 'cg', 'adam']);
    const first = await api.models.inspect({ artifact: base.artifact });
    expect(await api.models.inspect({ artifact: base.artifact })).toEqual(first);
    expect(await api.swapIn.job({ id: first.job })).toMatchObject({ kind: 'inspect', state: 'queued' });
    await store.documents.put(`inspection:${base.artifact}`, {
      inputs: [],
      outputs: [],
      operators: [{ name: 'Conv', count: 2, gradient: 'exact' }],
    });
    expect((await api.swapIn.inspection({ artifact: base.artifact }))?.operators).toHaveLength(1);
    await store.documents.put(`inspection:${base.artifact}`, { something: 'else' });
    expect(await api.swapIn.inspection({ artifact: base.artifact })).toBeNull();
    expect((await failure(api.models.get({ artifact: 'a'.repeat(64) }))).code).toBe('NOT_FOUND');
  });

  it('hands out a hardened model in the form of the file that it was made from, once that is written', async () => {
    const { models } = await api.models.list({});
    const [base, hardened] = ['lenet5', 'rad(attack=adam)'].map((label) => models.find((one) => one.label === label)!);
    // Made by Rampart, and from what Rampart made.
    for (const one of [base, hardened]) {
      expect(await api.models.get({ artifact: one!.artifact })).toMatchObject({
        broughtAs: undefined,
        hardened: undefined,
      });
    }
    const step = { kind: 'import', output: {}, artifacts: [], seconds: 1, finishedAt: 1 };
    const facts = { runId: id, seed: 1, parameters: 1, facts: {} };
    const brought = await store.artifacts.write(Buffer.from('brought'), { name: 'model', extension: 'onnx' });
    const made = await store.artifacts.write(Buffer.from('made of it'), { name: 'model', extension: 'onnx' });
    for (const key of ['brought', 'made']) await store.steps.finish({ ...step, key, label: key });
    await store.models.put([
      { ...facts, label: 'mine', step: 'brought', artifact: brought.checksum, parents: [], engine: 'none' },
      { ...facts, label: 'noisy', step: 'made', artifact: made.checksum, parents: ['brought'], engine: 'onnx' },
    ]);
    const card = () => api.models.get({ artifact: made.checksum });
    expect(await card()).toMatchObject({ broughtAs: 'mine', hardened: undefined });
    const asked = await api.models.writeBack({ artifact: made.checksum });
    expect(await api.models.writeBack({ artifact: made.checksum })).toEqual(asked);
    expect((await store.jobs.find(asked.job))!.request).toEqual({ run: id, artifact: made.checksum });
    const file = await store.artifacts.write(Buffer.from('in its form'), { name: 'hardened', extension: 'onnx' });
    await store.documents.put(`hardened:${made.checksum}`, { file: file.checksum, note: 'rounded' });
    expect((await card()).hardened).toEqual({ file: file.checksum, note: 'rounded' });
    // What no run refers to goes in time, and has to be written again.
    await store.documents.put(`hardened:${made.checksum}`, { file: 'a'.repeat(64) });
    expect((await card()).hardened).toBeUndefined();
  });

  it('compares models of runs, cell by cell', async () => {
    const columns = [{ run: id, model: 'rad(attack=adam)' }, { run: id }];
    const table = await api.compare.table({ columns, metric: 'error-rate' });
    expect(table.columns.map((column) => column.model)).toEqual(['rad(attack=adam)', 'lenet5', 'rad(attack=adam)']);
    expect(table.rows.map((row) => [row.attack, ...row.figures.map((figure) => figure?.value)])).toEqual([
      ['cg', 0.4, 0.2, 0.4],
      ['adam', 0.4, 0.2, 0.4],
      ['none', 0.1, 0.1, 0.1],
    ]);
  });

  it('tells models apart by a test on the same instances, and runs of another dataset or other attacks not at all', async () => {
    const columns = [
      { run: id, model: 'rad(attack=adam)' },
      { run: id, model: 'lenet5' },
    ];
    const { rows, metrics } = await api.compare.table({ columns });
    expect(metrics.slice(0, 2)).toEqual(['robust-accuracy', 'attack-success']);
    const worst = rows.find(({ attack }) => attack === 'worst-case')!;
    expect(worst.figures.map((figure) => figure?.value)).toEqual([expect.closeTo(0.4), expect.closeTo(0.6)]);
    expect(worst.differences).toMatchObject([
      undefined,
      { comparable: true, test: 'mcnemar', onlyFirst: 1, onlySecond: 0, p: 1, apart: false },
    ]);
    const { rows: shares } = await api.compare.table({ columns, metric: 'error-rate' });
    expect(shares.map(({ attack, differences }) => [attack, differences[1]])).toEqual([
      ['cg', expect.objectContaining({ test: 'mcnemar' })],
      ['adam', expect.objectContaining({ test: 'mcnemar' })],
      ['none', expect.objectContaining({ test: 'intervals' })],
    ]);

    const add = async (dataset: string, attacks: readonly string[]) => {
      const { experiment, name, engine, seeds } = (await store.runs.get(id))!;
      const other = await store.runs.create({
        ...{ experiment, name, engine, seeds, dataset, published: undefined, stepsTotal: 1 },
        planKey: dataset + attacks.join(),
      });
      const cells = await store.cells.ofRun(id, { model: 'lenet5', mode: 'adaptive' });
      const own = cells.filter(({ attack }) => attacks.includes(attack));
      await store.cells.put(own.map((cell) => ({ ...cell, runId: other.id })));
      return { run: other.id, model: 'lenet5' };
    };
    const further = [await add('cifar10', ['cg', 'adam']), await add('mnist(classes=[4, 7])', ['cg'])];
    const compared = await api.compare.table({ columns: [columns[0]!, ...further] });
    const of = (wanted: string) => compared.rows.find(({ attack }) => attack === wanted)!.differences;
    const dataset = { comparable: false, reason: 'another dataset' };
    expect(of('worst-case')).toEqual([undefined, dataset, { comparable: false, reason: 'other attacks' }]);
    expect(of('cg')).toMatchObject([undefined, dataset, { comparable: true, test: 'mcnemar' }]);
  });

  it('says what a run comes to, and ranks runs among their like', async () => {
    const [standing] = await api.runs.standings({ id });
    expect(standing).toMatchObject({ mode: 'adaptive', attacks: ['cg', 'adam'] });
    expect(standing!.headline.title).toBe('No defense is ahead of the undefended lenet5');
    expect(standing!.models.map(({ model, undefended }) => [model, undefended])).toEqual([
      ['lenet5', true],
      ['rad(attack=adam)', false],
    ]);
    expect((await failure(api.runs.standings({ id: 'nothing' }))).code).toBe('NOT_FOUND');
  });

  it('queues the evaluation of a model as an experiment that says nothing but what was asked for', async () => {
    const model = { name: 'model', extension: 'onnx' };
    const { checksum: artifact } = await store.artifacts.write(Buffer.from('brought'), model);
    const { job } = await api.swapIn.evaluate({
      artifact,
      name: 'mine"; seeds: [7]',
      dataset: 'mnist(classes=[4,7])',
      attacks: 'fgs(epsilon=0.1),cg',
    });
    const { request } = (await store.jobs.take(['run'], 'worker', 1000))!;
    expect((request as { experiment: string }).experiment.split('\n')).toEqual([
      'name: "mine\\"; seeds: [7]"',
      'dataset: "mnist(classes=[4, 7])"',
      `models: ${JSON.stringify([`onnx(path="${store.artifacts.address({ checksum: artifact, extension: 'onnx' })}")`])}`,
      'attacks: ["fgs(epsilon=0.1)","cg"]',
      'examples: ["adaptive"]',
      'seeds: [1]',
      '',
    ]);
    await store.jobs.fail(job, 'Unknown attack.');
    expect(await api.swapIn.job({ id: job })).toMatchObject({ state: 'failed', error: 'Unknown attack.' });
    const wrong = api.swapIn.evaluate({ artifact, name: 'x', dataset: 'mnist(', attacks: 'cg' });
    expect((await failure(wrong)).code).toBe('BAD_REQUEST');
  });

  it('renames, tags, cancels and deletes', async () => {
    await api.runs.rename({ id, name: ' second ' });
    await api.runs.tag({ id, tags: ['b', 'a', 'b'] });
    expect((await api.runs.get({ id })).run).toMatchObject({ name: 'second', tags: ['a', 'b'] });
    expect((await failure(api.runs.delete({ id }))).code).toBe('BAD_REQUEST');
    await api.runs.cancel({ id });
    expect(await store.runs.heartbeat(id)).toEqual({ cancelRequested: true });
    await store.runs.update(id, { state: 'cancelled', finishedAt: time });
    await api.runs.delete({ id });
    expect((await failure(api.runs.get({ id }))).code).toBe('NOT_FOUND');
    expect((await api.runs.list({ shelf: 'deleted' })).runs.map((run) => run.id)).toEqual([id]);
    await api.runs.restore({ id });
    expect((await api.runs.get({ id })).run.name).toBe('second');
    await api.runs.archive({ id, archived: true });
    expect([(await api.runs.list({})).total, (await api.leaderboard.rows({})).rows]).toEqual([0, []]);
    expect((await api.runs.list({ shelf: 'archived' })).total).toBe(1);
    expect((await api.leaderboard.rows({ archived: true })).rows).toHaveLength(2);
    expect((await failure(api.runs.restore({ id }))).code).toBe('BAD_REQUEST');
  });

  it('keeps what two people say about one run or model, and who said it', async () => {
    const ann = createCaller({ store, visitor: { name: 'ann', role: 'write' } });
    const ben = createCaller({ store, visitor: { name: 'ben', role: 'write' } });
    const about = { run: id.slice(-6) };
    expect(await api.notes.of(about)).toBeNull();
    await ann.notes.write({ about, text: 'The **baseline**.', seen: 0 });
    const refused = await ben.notes.write({ about, text: 'What ben thought.', seen: 0 });
    expect(refused).toMatchObject({
      written: false,
      latest: { text: 'The **baseline**.', author: 'ann', revision: 1 },
    });
    await ben.notes.write({ about, text: 'What ben thought.', seen: refused.latest.revision });
    expect(await api.notes.of({ run: id })).toMatchObject({ author: 'ben', revision: 2, at: time });
    expect((await api.notes.history(about)).map(({ text }) => text)).toEqual([
      'What ben thought.',
      'The **baseline**.',
    ]);
    const [model] = await store.models.ofRun(id);
    await ann.notes.write({ about: { model: model!.artifact }, text: 'Ship it.', seen: 0 });
    expect(await api.notes.of({ model: model!.artifact })).toMatchObject({ text: 'Ship it.' });
    expect((await failure(api.notes.of({ model: 'a'.repeat(64) }))).code).toBe('NOT_FOUND');
    const reader = createCaller({ store, visitor: { name: 'eve', role: 'read' } });
    expect((await failure(reader.notes.write({ about, text: 'x', seen: 2 }))).code).toBe('FORBIDDEN');
  });

  it('tags models, lists them in an order, and keeps views under names', async () => {
    const [model] = await store.models.ofRun(id);
    await api.models.tag({ artifact: model!.artifact, tags: ['to ship'] });
    expect((await api.models.get({ artifact: model!.artifact })).tags).toEqual(['to ship']);
    const { models } = await api.models.list({ order: 'label', descending: true });
    expect(models.map(({ label, dataset, tags }) => [label, dataset, tags])).toEqual([
      ['rad(attack=adam)', 'mnist(classes=[4, 7])', []],
      ['lenet5', 'mnist(classes=[4, 7])', ['to ship']],
    ]);
    expect((await api.models.list({ tag: 'to ship' })).total).toBe(1);
    expect((await failure(api.models.tag({ artifact: 'a'.repeat(64), tags: [] }))).code).toBe('NOT_FOUND');
    await api.views.add({ place: 'runs', name: 'done', query: 'state=done' });
    expect((await failure(api.views.add({ place: 'runs', name: 'done', query: '' }))).code).toBe('BAD_REQUEST');
    expect(await api.views.list({ place: 'runs' })).toMatchObject([
      { name: 'done', query: 'state=done', author: 'local' },
    ]);
    await api.views.remove({ place: 'runs', name: 'done' });
    expect(await api.views.list({ place: 'runs' })).toEqual([]);
  });

  it('tries again what keeps one attack from its figures, and leaves what else failed', async () => {
    const step = (label: string, position: number, needs: number[], attack?: string) => ({
      ...{ key: label, kind: label.split(' ')[0]!, label, position, needs },
      cells: attack === undefined ? [] : [{ model: 'lenet5', attack, mode: 'adaptive' as const }],
    });
    await store.runSteps.put(id, [
      step('attack lenet5 with fgs', 0, []),
      step('evaluate lenet5 under fgs', 1, [0], 'fgs'),
      step('attack lenet5 with pgd', 2, []),
      step('evaluate lenet5 under pgd', 3, [2], 'pgd'),
    ]);
    const error = ['fgs', 'pgd'].map((attack) => `Step "attack lenet5 with ${attack}" failed: no room`).join('\n');
    await store.runs.update(id, { state: 'failed', error, finishedAt: time });
    const { adaptive } = await api.runs.matrix({ id });
    expect(adaptive.missing.map(({ attack, reason }) => [attack, reason])).toEqual([
      ['fgs', 'no room'],
      ['pgd', 'no room'],
    ]);
    expect((await failure(api.runs.resume({ id, attack: 'cg' }))).code).toBe('BAD_REQUEST');
    await api.runs.resume({ id, attack: 'pgd' });
    const { request } = (await store.jobs.take(['run'], 'worker', 1000))!;
    expect(request).toMatchObject({ goesOnWith: id, leave: [['attack lenet5 with fgs', 'no room']] });
  });

  it.each([
    ['an empty name', () => api.runs.rename({ id, name: '  ' })],
    ['a tag that is none', () => api.runs.tag({ id, tags: ['<script>'] })],
    ['a page before the first', () => api.gallery.page({ id, page: 0 })],
    ['a checksum that is a path', () => api.models.get({ artifact: '../../etc/passwd' })],
    ['a metric that is none', () => api.runs.matrix({ id, metric: "error'; drop table runs" })],
    ['an unknown state', () => api.runs.list({ state: 'lost' as never })],
    ['no columns', () => api.compare.table({ columns: [] })],
  ])('refuses %s', async (_what, call) => {
    expect((await failure(call())).code).toBe('BAD_REQUEST');
  });

  it('tells what happens in a run while it happens, from where the listener stopped, until it ends', async () => {
    await store.events.append(id, { type: 'run-started', stepsTotal: 2 });
    const first = (await store.events.latest(id, 1))[0]!;
    await store.events.append(id, { type: 'step-started', step: 'open', kind: 'evaluate', label: 'to do' });
    const told: string[] = [];
    const states: string[] = [];
    for await (const envelope of await api.runs.events({ id, lastEventId: first.id })) {
      const { events, run } = dataOf(envelope);
      told.push(...events.map(({ event }) => event.type));
      states.push(run.state);
      if (told.length === 1 && run.state === 'running') {
        await store.runs.update(id, { state: 'done', finishedAt: time });
        await store.events.append(id, { type: 'run-finished', state: 'done' });
      }
    }
    expect(told).toEqual(['step-started', 'run-finished']);
    expect(states[0]).toBe('running');
    expect(states.at(-1)).toBe('done');
  });

  it('stops telling when nobody listens any more', async () => {
    const abort = new AbortController();
    const events = await createCaller({ store }, { signal: abort.signal }).runs.events({ id });
    const iterator = events[Symbol.asyncIterator]();
    expect((await iterator.next()).done).toBe(false);
    const next = iterator.next();
    abort.abort();
    expect((await next).done).toBe(true);
  });

  it('says that a process has gone while somebody listens', async () => {
    const abort = new AbortController();
    const iterator = (await createCaller({ store }, { signal: abort.signal }).runs.events({ id }))[
      Symbol.asyncIterator
    ]();
    expect(dataOf((await iterator.next()).value).run.state).toBe('running');
    time += 60_000;
    expect(dataOf((await iterator.next()).value).run.state).toBe('interrupted');
    abort.abort();
  });
});
