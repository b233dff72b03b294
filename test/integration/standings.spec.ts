import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { createCaller } from '@rampart/api';
import { type Report } from '@rampart/reports';
import { type CellRecord, openStore, type RunSummary, type Store } from '@rampart/results';

import { rampart, temporaryFolder } from './rampart';

const DISTILLATION = 'distillation(temperature=100)';

/** Real MNIST: an iterative attack takes everything, and a step of fgs moves nothing where the loss is saturated. */
const FALLING = `
name: falling
dataset: mnist(classes=[4, 7], trainLimit=600, testLimit=100)
models: [lenet5]
training: { epochs: 2 }
attacks: [fgs(epsilon=0.3), adam]
examples: [adaptive]
defenses: ['rad(attack=fgs(epsilon=0.3), rounds=1, epochs=1)', '${DISTILLATION}']
audits: []
seeds: [1, 2]
`;

/** What the summaries of real runs say, wherever one is written. */
describe('how runs are summed up', () => {
  const folder = temporaryFolder();
  const directory = path.join(folder, 'store');
  let store: Store;
  let api: ReturnType<typeof createCaller>;
  let falling: RunSummary;
  let report: Report;

  const run = async (...args: readonly string[]) => {
    const { code, stderr } = await rampart([...args, '--store', directory], { cwd: folder });
    if (code !== 0) throw new Error(stderr);
    return store.runs.get('latest');
  };
  const reportOf = async ({ id }: RunSummary, format: string) => {
    const { code, stdout } = await rampart(['report', id, '--format', format, '--store', directory]);
    expect(code).toBe(0);
    return stdout;
  };
  /** A file as somebody would bring it: a model of the run, with one attack that draws nothing. */
  const evaluate = async (name: string, testLimit: number, seeds: string, attacks = 'fgs(epsilon=0.1)') => {
    const [model] = (await store.models.ofRun(falling.id)).filter(({ label }) => label === 'lenet5');
    const file = store.artifacts.address({ checksum: model!.artifact, extension: 'onnx' });
    const dataset = `mnist(classes=[4, 7], testLimit=${testLimit})`;
    const more = ['--name', name, '--dataset', dataset, '--attacks', attacks, '--audits', 'none'];
    return run('evaluate', file, ...more, '--seeds', seeds);
  };

  beforeAll(async () => {
    writeFileSync(path.join(folder, 'falling.yaml'), FALLING);
    store = await openStore(directory, { create: true });
    api = createCaller({ store });
    falling = await run('run', 'falling.yaml');
    report = JSON.parse(await reportOf(falling, 'json')) as Report;
  });
  afterAll(() => store?.close());

  describe('where every model falls', () => {
    it('name none as the most robust, in the terminal, Markdown, HTML and JSON', async () => {
      for (const format of ['text', 'markdown', 'html']) {
        const text = await reportOf(falling, format);
        expect(text).toContain('Every model falls to adam');
        expect(text).not.toMatch(/(most|least) robust|best defense/i);
        // What of the whole test set is wrong comes after what of the attacked instances is.
        expect(text.indexOf('Every model falls')).toBeLessThan(text.indexOf('Error rate under'));
      }
      const [standing] = report.standings;
      expect(Object.keys(report)[1]).toBe('standings');
      expect(standing).toMatchObject({ mode: 'adaptive', headline: { kind: 'falls', best: [] } });
      expect(standing!.models).toHaveLength(3);
      for (const { robustAccuracy, success, rank } of standing!.models) {
        expect([robustAccuracy.value, success.value, rank]).toEqual([0, 1, undefined]);
        expect(success.low).toBeGreaterThan(0.85);
      }
    });

    it('say the same to the dashboard, whose list has no best defense there', async () => {
      expect(await api.runs.standings({ id: falling.id })).toEqual(report.standings);
      const [entry] = (await api.runs.list({ search: 'falling' })).runs;
      expect(entry!.best).toMatchObject({ everyFalls: true, models: 3, robustAccuracy: { value: 0 } });
      const { rows } = await api.compare.table({ columns: [{ run: falling.id }] });
      const worst = rows.find(({ attack }) => attack === 'worst-case')!;
      expect(worst.figures.map((figure) => figure!.value)).toEqual([0, 0, 0]);
      expect(worst.differences.slice(1)).toMatchObject([
        { comparable: true, test: 'mcnemar', apart: false },
        { comparable: true, test: 'mcnemar', apart: false },
      ]);
    });

    it('rank runs by what stands of the attacked instances, not by how few of a test set are attacked', async () => {
      // More than half are attacked there, 44 of a hundred here: an order by error rate would be this one.
      const fewer = await evaluate('fewer', 60, '1', 'adam');
      const shares = await Promise.all(
        [falling, fewer].map(async ({ id }) => {
          const cells = await store.cells.ofRun(id, {
            metric: 'error-rate',
            attack: 'adam',
          });
          return cells[0]!.value;
        }),
      );
      expect(shares[1]).toBeGreaterThan(shares[0]!);
      const { runs } = await api.runs.list({ order: 'robust-accuracy', descending: true });
      const [one, other] = [falling, fewer].map(({ id }) => runs.find((entry) => entry.id === id)!);
      expect([one!.best!.robustAccuracy.value, other!.best!.robustAccuracy.value]).toEqual([0, 0]);
      // And these two are of different test sets: they are no ranking at all.
      expect(one!.among).not.toBe(other!.among);
      expect(runs.some(({ tied }) => tied)).toBe(false);
    });
  });

  describe('over several seeds', () => {
    const errors = (of: Report) => of.tables.find(({ id }) => id === 'adaptive')!;

    it('keep the sampling error of the test set, and say that a fixed file is measured again', async () => {
      const once = JSON.parse(await reportOf(await evaluate('once', 200, '1'), 'json')) as Report;
      const thrice = await evaluate('thrice', 200, '1..3');
      const three = JSON.parse(await reportOf(thrice, 'json')) as Report;
      const widths = [once, three].map((of) => {
        const { robustAccuracy, success } = of.standings[0]!.models[0]!;
        const cells = errors(of).rows[0]!.cells.map((cell) => cell!);
        return [robustAccuracy, success, ...cells].map(({ low, high }) => high - low);
      });
      widths[1]!.forEach((width, index) => {
        expect(width).toBeGreaterThanOrEqual(widths[0]![index]! - 1e-12);
        expect(width).toBeGreaterThan(0);
      });
      const note = /The seeds repeat the same measurement of thrice/;
      expect(three.standings[0]!.notes.join()).toMatch(note);
      expect(once.standings[0]!.notes.join()).not.toMatch(/repeat/);
      for (const format of ['text', 'markdown', 'html']) {
        const text = await reportOf(thrice, format);
        expect(text).toMatch(note);
        expect(text).not.toMatch(/0\.00% ± 0\.00%/);
      }
      const [dashboard] = await api.runs.standings({ id: thrice.id });
      expect(dashboard!.models[0]).toMatchObject({ repeated: true });
    });

    it('never leave what is possible', async () => {
      const cells = await store.cells.ofRun(falling.id, { mode: 'adaptive' });
      const clean = await store.cells.ofRun(falling.id, { mode: 'clean' });
      const of = (all: readonly CellRecord[], metric: string, model: string, seed: number) =>
        all.find((cell) => cell.metric === metric && cell.model === model && cell.seed === seed)!;
      /** The attacked instances and the others that are wrong anyway, of the seed with the most. */
      const possible = (model: string) =>
        Math.max(
          ...falling.seeds.map((seed) => {
            const [right, wrong] = [of(clean, 'recall', model, seed), of(clean, 'error-rate', model, seed)];
            const missed = right.count * (1 - right.value);
            return (of(cells, 'recall', model, seed).count + wrong.value * wrong.count - missed) / wrong.count;
          }),
        );
      const { adaptive } = await api.runs.matrix({ id: falling.id });
      const measured = [
        ...errors(report).rows.flatMap(({ model, cells }) =>
          cells.slice(1).map((cell) => ({ ...cell!, most: possible(model) })),
        ),
        ...adaptive.rows.flatMap(({ model, cells, worst }) =>
          [...cells, worst].map((cell) => ({ ...cell!, most: possible(model) })),
        ),
        ...report.standings.flatMap(({ models }) =>
          models.flatMap((one) =>
            [one.robustAccuracy, one.success, one.cleanAccuracy].map((figure) => ({ ...figure, most: 1 })),
          ),
        ),
      ];
      expect(measured.length).toBeGreaterThan(20);
      for (const { value, low, high, most } of measured) {
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(value + 1e-12);
        expect(high).toBeGreaterThanOrEqual(value - 1e-12);
        expect(high).toBeLessThanOrEqual(most + 1e-12);
      }
      // Errors that are all there can be have an interval that ends with them.
      const lenet5 = adaptive.rows.find(({ model }) => model === 'lenet5')!.worst!;
      expect(lenet5.high).toBeLessThan(0.52);
    });
  });

  it('do not call resistance what an attack did not move', async () => {
    const [{ seeds }] = [
      await api.runs.cell({ id: falling.id, model: DISTILLATION, attack: 'fgs(epsilon=0.3)', mode: 'adaptive' }),
    ];
    expect(seeds[0]!.outcomes.unmoved).toBeGreaterThan(30);
    const filter = { id: falling.id, model: DISTILLATION, attack: 'fgs(epsilon=0.3)' };
    const unmoved = await api.gallery.page({ ...filter, outcome: 'unmoved' });
    expect(unmoved.total).toBe(seeds.reduce((sum, { outcomes }) => sum + outcomes.unmoved, 0));
    for (const item of unmoved.items) expect([item.linf, item.distortion, item.outcome]).toEqual([0, 0, 'unmoved']);
    for (const item of (await api.gallery.page({ ...filter, outcome: 'resisted' })).items)
      expect(item.linf).toBeGreaterThan(0);

    const file = path.join(folder, 'falling.html');
    await rampart(['report', falling.id, '--format', 'html', '--out', file, '--store', directory]);
    const [, own = ''] = readFileSync(file, 'utf8').split(`<summary>${DISTILLATION}</summary>`);
    expect(own).toContain('not attacked, zero gradient');
    expect(own).not.toContain('resisted');
    const note =
      /fgs\(epsilon=0\.3\) left \d+ of the \d+ attackable instances of distillation\(temperature=100\) as they were: not attacked/;
    expect(report.standings[0]!.notes.join()).toMatch(note);
    expect(await reportOf(falling, 'text')).toMatch(note);
  });

  it('call runs of different test sets or attacks neither ranked nor apart', async () => {
    const other = await evaluate('other attacks', 100, '1', 'fgs(epsilon=0.01)');
    const again = await evaluate('same attacks', 100, '1', 'fgs(epsilon=0.01)');
    const more = await evaluate('more attacks', 100, '1', 'fgs(epsilon=0.01),adam');
    const { rows } = await api.compare.table({
      columns: [other, again, more, falling].map(({ id, models }) => ({ run: id, model: models[0]! })),
    });
    const of = (attack: string) => rows.find((row) => row.attack === attack)!.differences;
    expect(of('worst-case')).toMatchObject([
      undefined,
      { comparable: true, test: 'mcnemar', p: 1, apart: false },
      { comparable: false, reason: 'other attacks' },
      { comparable: false, reason: 'another dataset' },
    ]);
    expect(of('fgs(epsilon=0.01)').slice(1, 3)).toMatchObject([{ comparable: true }, { comparable: true }]);
    const { runs } = await api.runs.list({ order: 'robust-accuracy' });
    const among = [other, again, more, falling].map(({ id }) => runs.find((run) => run.id === id)!.among);
    expect(new Set(among).size).toBe(3);
    expect(among[0]).toBe(among[1]);
    // In the list those of one ranking follow one another, and the two that are the same are tied.
    const places = [other, again].map(({ id }) => runs.findIndex((run) => run.id === id));
    expect(Math.abs(places[0]! - places[1]!)).toBe(1);
    expect(runs[Math.max(...places)]!.tied).toBe(true);
  });
});
