import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { decodeNpy, decodeNpyFloat32, encodeNpy, npyNumbers } from '@rampart/core';
import { float32Tensor, GraphBuilder, readModel, writeModel } from '@rampart/onnx';
import { openStore } from '@rampart/results';
import { unzipSync } from 'fflate';

import { rampart, temporaryFolder } from '../integration/rampart';
import { runJson, type RunLine, valuesOf } from './command';

const DATA = path.join(__dirname, 'data');
const root = temporaryFolder();
let turn = 0;

function folder(): string {
  const made = path.join(root, String(turn++));
  mkdirSync(made);
  return made;
}

const evaluate = (model: string, dataset: string, dataDir: string, ...more: readonly string[]): Promise<RunLine> =>
  runJson([
    ...['evaluate', path.join(DATA, model), '--dataset', dataset, '--data-dir', dataDir, '--store', folder()],
    ...['--audits', 'none', '--name', 'it', ...more],
  ]);

const FGS = ['--attacks', 'fgs(epsilon=0.1)'];
const errors = (run: RunLine) => ({
  ...valuesOf(run, 'error-rate', 'it', 'clean'),
  ...valuesOf(run, 'error-rate', 'it', 'adaptive'),
});

/** The report of the last run as a page. */
async function pageOf(store: string): Promise<string> {
  const out = path.join(folder(), 'report.html');
  const { code, stderr } = await rampart(['report', '--store', store, '--format', 'html', '--out', out]);
  expect(code === 0 ? '' : stderr).toBe('');
  return readFileSync(out, 'utf8');
}

/** What scikit-learn's logistic regression finds in the table's training rows, as a network of one layer. */
function rowsModel(): Uint8Array {
  const weights = [0.145, 0.00514, 4.4, 2.2, -6.6, 6.3];
  const builder = new GraphBuilder();
  builder.input('rows', 'float32', ['batch', weights.length]);
  const kernel = Float32Array.from(weights.flatMap((weight) => [0, weight]));
  builder.initializer('kernel', float32Tensor([weights.length, 2], kernel));
  builder.initializer('bias', float32Tensor([2], Float32Array.of(0, -25.2)));
  const [logits] = builder.node('Gemm', ['rows', 'kernel', 'bias'], {}, { outputs: ['logits'] });
  builder.output(logits!, 'float32', ['batch', 2]);
  return writeModel({
    ...{ irVersion: 10, opsets: new Map([['', 21]]), producer: 'a test', metadata: new Map(), functions: [] },
    graph: builder.build('rows'),
  });
}

/** The attacked samples of a run's attack and what became of them, as the store has them. */
async function examplesOf(store: string, run: RunLine) {
  const opened = await openStore(store, { readOnly: true });
  try {
    const cells = await opened.cells.ofRun(run.run.id);
    const step = await opened.steps.find(cells.find(({ attackStep }) => attackStep !== undefined)!.evaluateStep);
    const read = async (name: string) =>
      decodeNpyFloat32(await opened.artifacts.read(step!.artifacts.find((one) => one.name === name)!)).data;
    return { originals: await read('originals'), adversarial: await read('adversarial') };
  } finally {
    await opened.close();
  }
}

describe('a table with a model of scikit-learn', () => {
  it('is attacked within what its rows can be: whole numbers, one category of each, nothing that is fixed', async () => {
    const store = folder();
    const run = await runJson([
      ...['evaluate', path.join(DATA, 'table/linear.onnx'), '--dataset', 'csv(fixed=[age])'],
      ...['--data-dir', path.join(DATA, 'table'), '--attacks', 'pgd(norm=l2, epsilon=1.5)', '--audits', 'none'],
      ...['--name', 'it', '--store', store],
    ]);
    const clean = errors(run);
    // What scikit-learn says itself: 110 of 120 rows are right.
    expect(clean['none']).toBeCloseTo(10 / 120, 6);
    expect(Object.values(clean)[1]).toBeGreaterThan(0.5);
    const { originals, adversarial } = await examplesOf(store, run);
    const [age, , clerk, , none, owner] = [0, 1, 2, 3, 4, 5];
    let flipped = 0;
    for (let row = 0; row < originals.length; row += 6) {
      const [before, after] = [originals.subarray(row, row + 6), adversarial.subarray(row, row + 6)];
      expect(after[age]).toBe(before[age]);
      const job = Array.from(after.subarray(clerk, none + 1));
      expect([...job].sort()).toEqual([0, 0, 1]);
      if (job.join() !== Array.from(before.subarray(clerk, none + 1)).join()) flipped++;
      expect([0, 1]).toContain(after[owner]);
      expect(Math.hypot(...after.map((value, k) => value - before[k]!))).toBeLessThanOrEqual(1.5 + 1e-5);
    }
    expect(flipped).toBeGreaterThan(0);
    const page = await pageOf(store);
    expect(page).toContain('<h2>Rows</h2>');
    expect(page).toMatch(/<dt>income<\/dt><dd>[\d.]+ → <strong>[\d.]+<\/strong>/);
    expect(page).toMatch(/<dt>job<\/dt><dd>(clerk|cook|none)<\/dd>/);
  });

  it('is hardened within the same: on rows that an attacker can make, and no others', async () => {
    const [model, store, out] = [path.join(folder(), 'rows.onnx'), folder(), path.join(folder(), 'hardened.onnx')];
    writeFileSync(model, rowsModel());
    // What is left to the attacker comes in steps of more than epsilon.
    const { stderr, code } = await rampart([
      ...['harden', model, '--dataset', 'csv(fixed=[age, income])', '--data-dir', path.join(DATA, 'table')],
      ...[
        '--defense',
        'pgd-at(epsilon=0.5, epochs=2, validation=0.5, learningRate=1e-6)',
        '--attacks',
        'pgd(epsilon=0.5)',
      ],
      ...['--store', store, '--out', out, '--json'],
    ]);
    expect([code, stderr]).toEqual([0, '']);
    const opened = await openStore(store, { readOnly: true });
    try {
      const [run] = (await opened.runs.list()).runs;
      const points = await opened.curves.ofRun(run!.id);
      const of = (series: string) => points.filter((one) => one.series === series).map(({ y }) => y);
      const clean = of('validation accuracy');
      expect(clean).toHaveLength(3);
      expect(Math.min(...clean)).toBeGreaterThan(0.8);
      expect(of('validation robust accuracy')).toEqual(clean);
    } finally {
      await opened.close();
    }
  });

  it('is judged as its own software judges it where it has no gradient: a tree', async () => {
    const run = await evaluate('table/tree.onnx', 'csv', path.join(DATA, 'table'), '--attacks', 'boundary');
    expect(errors(run)['none']).toBeCloseTo(21 / 120, 6);
    expect(errors(run)['boundary']).toBeGreaterThan(0.5);
  });

  it('is refused with a range of pixels', async () => {
    const { code, stderr } = await rampart([
      ...['evaluate', path.join(DATA, 'table/linear.onnx'), '--dataset', 'csv', '--data-dir', path.join(DATA, 'table')],
      ...['--preprocess', 'range=0..1', '--store', folder()],
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('leave range out');
  });
});

describe('sound', () => {
  it.each(['model', 'flat'])('is attacked in a model of %s axes', async (name) => {
    const store = folder();
    const attacks = ['--attacks', 'pgd(epsilon=0.3)', '--store', store];
    const run = await evaluate(`sound/${name}.onnx`, 'wav', path.join(DATA, 'sound'), ...attacks);
    expect(errors(run)['none']).toBe(0);
    expect(errors(run)['pgd(epsilon=0.3)']).toBeGreaterThan(0.4);
    const page = await pageOf(store);
    expect(page).toContain('<h2>Sounds</h2>');
    // Four sounds: the original, the adversarial one and what was changed.
    expect(page.match(/<audio /g)).toHaveLength(12);
    expect(page).toMatch(/<audio [^>]*src="data:audio\/wav;base64,UklGR/);
  });

  it('is refused to attacks on images', async () => {
    const { code, stderr } = await rampart([
      ...['evaluate', path.join(DATA, 'sound/model.onnx'), '--dataset', 'wav', '--data-dir', path.join(DATA, 'sound')],
      ...['--attacks', 'spatial', '--store', folder()],
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/"spatial.*" needs images\. Received instances of shape 1x400/);
  });
});

describe('the preprocessing', () => {
  const images = path.join(DATA, 'images');

  it("is taken from what a model's makers wrote down beside it", async () => {
    const run = await evaluate('images-normalised/model.onnx', 'image-folder', images, ...FGS);
    expect(errors(run)['none']).toBe(0);
    expect(run.run.notes.join()).toContain('as preprocessor_config.json says: range=0..1 mean=0.485,0.456,0.406');
  });

  it('is said to be wrong before anything is attacked, by the name of what is right', async () => {
    const model = path.join(DATA, 'images-blue-first/model.onnx');
    const ended = await rampart([
      ...['evaluate', model, '--dataset', 'image-folder', '--data-dir', images, ...FGS],
      ...['--store', folder(), '--audits', 'none', '--json'],
    ]);
    expect(ended.code).toBe(0);
    const lines = ended.stdout.trim().split('\n');
    const first = JSON.parse(lines[0]!) as { type: string; text: string };
    expect(first.type).toBe('warning');
    expect(first.text).toContain(
      '100.0% of 40 test samples are right with "range=0..255 mean=103.939,116.779,123.68 order=bgr"',
    );
    const last = lines.map((line) => JSON.parse(line) as RunLine & { type: string }).find(({ type }) => type === 'run');
    expect(last!.run.notes).toContain(first.text);
  });

  it('is the best of the usual ones with auto, and nothing is said where it is right', async () => {
    const run = await evaluate('images-blue-first/model.onnx', 'image-folder', images, ...FGS, '--preprocess', 'auto');
    expect(errors(run)['none']).toBe(0);
    expect(run.run.notes.join()).toContain('images are prepared so: 100.0% of 40 test samples are right');
    const told = 'range=0..255 mean=103.939,116.779,123.68 order=bgr';
    const right = await evaluate('images-blue-first/model.onnx', 'image-folder', images, ...FGS, '--preprocess', told);
    expect(errors(right)).toEqual(errors(run));
    expect(right.run.notes.join()).not.toContain('prepared');
  });
});

describe('labels', () => {
  const arrays = unzipSync(readFileSync(path.join(DATA, 'points/points.npz')));
  const samples = arrays['x_test.npy']!;
  const labels = Array.from(npyNumbers(decodeNpy(arrays['y_test.npy']!)));

  /** The same points with other labels, or some of them only, as a folder of .npy files. */
  function written(name: string, relabel: (label: number) => number | undefined): string {
    const target = path.join(folder(), name);
    mkdirSync(target);
    const { data } = decodeNpyFloat32(samples);
    const kept = labels.flatMap((label, i) => (relabel(label) === undefined ? [] : [i]));
    const rows = Float32Array.from(kept.flatMap((i) => Array.from(data.subarray(3 * i, 3 * i + 3))));
    writeFileSync(path.join(target, 'test-images.npy'), encodeNpy(rows, [kept.length, 3]));
    const own = Int32Array.from(kept, (i) => relabel(labels[i]!)!);
    writeFileSync(path.join(target, 'test-labels.npy'), encodeNpy(own, [kept.length]));
    return target;
  }

  const RANGE = [...FGS, '--preprocess', 'range=0..1'];

  it('that do not count from 0 are mapped, shown, and all attacked', async () => {
    const expected = await evaluate('points/model.onnx', 'npz', path.join(DATA, 'points'), ...RANGE);
    expect(expected.run.notes).toEqual(['Samples of every class are attacked.']);
    const other = written('other', (label) => [5, 9, 12][label]);
    for (const dataset of ['npy-folder', 'npy-folder(classes=[5, 9, 12])', 'npy-folder(classes=[12, 5, 9])']) {
      const run = await evaluate('points/model.onnx', dataset, other, ...RANGE);
      expect(errors(run)).toEqual(errors(expected));
      expect(run.run.notes).toContain(
        "Labels of the data are mapped to the model's columns: 5 is column 0, 9 is column 1, 12 is column 2.",
      );
      expect(run.run.notes).toContain('Samples of every class are attacked.');
    }
  });

  it('are the columns that the file calls by their names', async () => {
    const network = readModel(new Uint8Array(readFileSync(path.join(DATA, 'points/model.onnx'))));
    const named = path.join(folder(), 'named.onnx');
    const names = new Map([['names', "{0: '5', 1: '12', 2: '9'}"]]);
    writeFileSync(named, writeModel({ ...network, metadata: names }));
    const data = written('named', (label) => [5, 12, 9][label]);
    const run = await evaluate(path.relative(DATA, named), 'npy-folder', data, ...RANGE);
    expect(errors(run)['none']).toBe(0);
    expect(run.run.notes).toContain(
      "Classes of the data are the model's columns of their names: 5 is column 0, 9 is column 2, 12 is column 1.",
    );
  });

  it('may leave out classes of the model, which are its columns all the same', async () => {
    const two = written('two', (label) => (label === 1 ? undefined : label));
    const run = await evaluate('points/model.onnx', 'npy-folder', two, ...RANGE);
    expect(errors(run)['none']).toBe(0);
    expect(errors(run)['fgs(epsilon=0.1)']).toBeLessThan(1);
    const only = await evaluate('points/model.onnx', 'npy-folder(classes=[2, 0])', two, ...RANGE);
    expect(errors(only)).toEqual(errors(run));
  });

  it('beyond the columns of the model are refused, with what there is', async () => {
    const four = written('four', (label) => [0, 1, 7][label]);
    const model = path.join(DATA, 'points/model.onnx');
    const few = written('few', (label) => (label === 2 ? 7 : label === 1 ? 1 : undefined));
    expect((await evaluate('points/model.onnx', 'npy-folder', four, ...RANGE)).run.state).toBe('done');
    const { code, stderr } = await rampart([
      ...['evaluate', model, '--dataset', 'npy-folder', '--data-dir', few, ...RANGE, '--store', folder()],
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('Expected a model of 2 classes (1, 7)');
  });

  it('are not enough to train on where there is no training data', async () => {
    const { code, stderr } = await rampart([
      ...['harden', path.join(DATA, 'images-normalised/model.onnx'), '--dataset', 'image-folder'],
      ...['--data-dir', path.join(DATA, 'images'), '--defense', 'rad(attack=fgs(epsilon=0.1))'],
      ...['--out', path.join(folder(), 'hard.onnx'), '--store', folder()],
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('Expected a training split beside the test split');
  });
});
