import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { decodeNpy, encodeNpy, npyNumbers } from '@rampart/core';
import { type Model, numericTensor, readModel, toNumbers, writeModel } from '@rampart/onnx';

import { rampart, temporaryFolder } from '../integration/rampart';
import { expectRefusal, runJson, valuesOf } from './command';

const INPUTS = path.join(__dirname, 'inputs');
const file = (name: string) => path.join(INPUTS, name);
const folder = temporaryFolder();
const store = ['--store', path.join(folder, 'store'), '--audits', 'none'];
const DIGITS = ['--dataset', 'npy-folder', '--data-dir', file('digits')];
const TOKENS = ['--dataset', 'npy-folder(range=[0, 39])', '--data-dir', file('tokens')];
const REST = ['--feed', 'attention_mask=1', '--feed', 'token_type_ids=0'];

const evaluate = (name: string, ...more: string[]) =>
  runJson(['evaluate', file(name), '--name', 'model', ...store, ...more]);
type Run = Awaited<ReturnType<typeof evaluate>>;
const errors = (run: Run) => valuesOf(run, 'error-rate', 'model', 'adaptive');
const clean = (run: Run) => valuesOf(run, 'error-rate', 'model', 'clean')['none'];

describe('a file of whole numbers', () => {
  const ATTACKS = ['--attacks', 'fgs(epsilon=0.1),pgd(epsilon=0.1),spsa(epsilon=0.1),adam'];

  it('falls as the same of floats does, to white-box attacks and to queries', async () => {
    const [whole, floats] = [
      await evaluate('uint8.onnx', ...DIGITS, ...ATTACKS),
      await evaluate('float.onnx', ...DIGITS, '--preprocess', 'range=0..1', ...ATTACKS),
    ];
    expect(clean(whole)).toBeCloseTo(0.02, 6);
    expect(clean(floats)).toBeCloseTo(0.02, 6);
    // Queries are rounded, too: a little worse.
    const { 'spsa(epsilon=0.1)': queried, ...gradients } = errors(floats);
    expect(errors(whole)['spsa(epsilon=0.1)']).toBeGreaterThan(0.6 * queried!);
    for (const [attack, error] of Object.entries(gradients)) {
      expect([attack, Math.abs(errors(whole)[attack]! - error) < 0.05]).toEqual([attack, true]);
    }
    expect(whole.run.notes.join()).toMatch(/takes whole numbers \(uint8\): gradients pass straight through/);
  });

  it('is told from tokens, which are refused with what could be attacked', async () => {
    const refused = (...more: string[]) =>
      rampart(['evaluate', file('text.onnx'), ...TOKENS, ...store, '--attacks', 'adam', ...more]);
    expectRefusal(await refused(...REST), 1, [/places in a table \(int64\)/, /--attack-at "\/word\/Gather_output_0"/]);
    expectRefusal(await refused(), 1, [/Received 3: input_ids int64.*attention_mask.*--feed "token_type_ids=0"/]);
    expectRefusal(await refused('--feed', 'mask=1'), 2, [/Unknown input "mask"/]);
    expectRefusal(await refused(...REST, '--feed', 'attention_mask'), 2, [/does not say what an input is fed/]);
    expectRefusal(await refused(...REST, '--attack-at', '/word/Gather_output_0'), 2, [/--preprocess "range=0..N"/]);
  });
});

describe('a text model at its embeddings', () => {
  const AT = ['--preprocess', 'range=0..39', '--attack-at', '/word/Gather_output_0'];
  const ATTACKS = ['--attacks', 'fgs(epsilon=0.1),pgd(norm=l2, epsilon=1)'];

  it('is attacked there, and says what distances are of', async () => {
    const run = await evaluate('text.onnx', ...TOKENS, ...REST, ...AT, ...ATTACKS);
    expect(clean(run)).toBeCloseTo(0.07, 6);
    expect(errors(run)['fgs(epsilon=0.1)']).toBeGreaterThan(0.12);
    expect(errors(run)['pgd(norm=l2, epsilon=1)']).toBeGreaterThan(0.35);
    expect(run.run.notes.join()).toMatch(
      /values at "\/word\/Gather_output_0" \(6x8\).*epsilons and distances are of that/,
    );
  });

  it('takes an array for an input that is held: a mask of half the tokens', async () => {
    const mask = path.join(folder, 'mask.npy');
    writeFileSync(mask, encodeNpy(BigInt64Array.of(1n, 1n, 1n, 0n, 0n, 0n), [6]));
    const fed = ['--feed', `attention_mask=${mask}`, '--feed', 'token_type_ids=0'];
    const run = await evaluate('text.onnx', ...TOKENS, ...fed, ...AT, '--attacks', 'fgs(epsilon=0.1)');
    expect(clean(run)).toBeCloseTo(MASKED_ERROR, 6);
  });

  it('is inspected there, with the values that it can be attacked at', async () => {
    const whole = await rampart(['inspect', file('text.onnx'), ...REST]);
    expect(whole.stdout).toMatch(/can be attacked at 8 inner values .*: \/word\/Gather_output_0, /);
    expect(whole.code).toBe(0);
    const rear = await rampart(['inspect', file('text.onnx'), ...REST, '--attack-at', '/word/Gather_output_0']);
    expect(rear.stdout).toMatch(/relative error \d\.\de-[3-9]/);
  });
});

/** ONNX Runtime's, with a mask of the first three tokens. */
const MASKED_ERROR = 0.295;

describe('rampart gradient', () => {
  const pixels = Float32Array.from(
    npyNumbers(decodeNpy(new Uint8Array(readFileSync(file('digits/test-images.npy'))), 'digits')).slice(0, 4 * 64),
    (value) => value / 255,
  );
  const write = (name: string, bytes: Uint8Array) => {
    const to = path.join(folder, name);
    writeFileSync(to, bytes);
    return to;
  };
  const labels = () => write('labels.npy', encodeNpy(BigInt64Array.of(0n, 1n, 2n, 3n), [4]));

  async function gradientOf(model: string, input: string, ...more: string[]) {
    const out = path.join(folder, 'gradient.npy');
    const options = ['--input', input, '--labels', labels(), '--loss', 'margin', '--out', out];
    const ended = await rampart(['gradient', model, ...options, ...more]);
    expect([ended.stderr, ended.code]).toEqual(['', 0]);
    const { shape, data } = decodeNpy(new Uint8Array(readFileSync(out)));
    return { shape, data: data as Float32Array };
  }

  const distance = (a: Float32Array, b: Float32Array) =>
    Math.hypot(...a.map((value, i) => value - b[i]!)) / Math.hypot(...b);

  it('takes a file of float16, and of bytes, as inspect and evaluate do', async () => {
    const images = write('images.npy', encodeNpy(pixels, [4, 1, 8, 8]));
    const bytes = write(
      'bytes.npy',
      encodeNpy(
        Uint8Array.from(pixels, (value) => Math.round(value * 255)),
        [4, 1, 8, 8],
      ),
    );
    const floats = await gradientOf(file('float.onnx'), images);
    const halves = write(
      'half.onnx',
      writeModel(inHalves(readModel(new Uint8Array(readFileSync(file('float.onnx')))))),
    );
    expect(distance((await gradientOf(halves, images)).data, floats.data)).toBeLessThan(0.02);
    const { shape, data } = await gradientOf(file('uint8.onnx'), bytes);
    expect(shape).toEqual([4, 1, 8, 8]);
    expect(
      distance(
        data.map((slope) => slope * 255),
        floats.data,
      ),
    ).toBeLessThan(1e-4);
  });

  it('takes an inner value to differentiate with respect to', async () => {
    const tokens = write(
      'tokens.npy',
      encodeNpy(
        BigInt64Array.from({ length: 24 }, (_, i) => BigInt(i)),
        [4, 6],
      ),
    );
    const two = write('labels.npy', encodeNpy(BigInt64Array.of(0n, 1n, 0n, 1n), [4]));
    const out = path.join(folder, 'inner.npy');
    const options = ['--input', tokens, '--labels', two, '--out', out, ...REST];
    expectRefusal(await rampart(['gradient', file('text.onnx'), ...options]), 1, [/places in a table/]);
    const ended = await rampart(['gradient', file('text.onnx'), ...options, '--attack-at', '/word/Gather_output_0']);
    expect([ended.stderr, ended.code]).toEqual(['', 0]);
    expect(decodeNpy(new Uint8Array(readFileSync(out))).shape).toEqual([4, 6, 8]);
  });
});

/** The model with all its numbers in half precision. */
function inHalves(model: Model): Model {
  const { graph } = model;
  const half = <T extends { readonly type: string }>(info: T): T =>
    info.type === 'float32' ? { ...info, type: 'float16' } : info;
  return {
    ...model,
    graph: {
      ...graph,
      inputs: graph.inputs.map(half),
      outputs: graph.outputs.map(half),
      initializers: new Map(
        [...graph.initializers].map(([name, tensor]) => [
          name,
          tensor.type === 'float32' ? numericTensor('float16', tensor.dims, toNumbers(tensor)) : tensor,
        ]),
      ),
    },
  };
}

describe('what inspect calls bad, evaluate says before anything runs and in the tables', () => {
  const ATTACKS = ['--attacks', 'fgs(epsilon=0.1),adam(iterations=20)'];
  const run = (name: string) =>
    rampart(['evaluate', file(name), ...DIGITS, '--preprocess', 'range=0..1', ...ATTACKS, ...store]);
  const inspected = (name: string) => rampart(['inspect', file(name), '--preprocess', 'range=0..1']);
  const table = (out: string) => out.slice(out.indexOf('Error rate under attacks on the model itself'));

  it.each([
    ['noise.onnx', /Not deterministic/, /draws random numbers \(RandomNormalLike\)/],
    ['trainmode.onnx', /images of a batch influence each other/, /images of a batch influence each other/],
  ])('%s', async (name, bad, said) => {
    expect((await inspected(name)).stderr).toMatch(bad);
    const { code, stdout, stderr } = await run(name);
    expect(code).toBe(0);
    expect(stderr).toMatch(new RegExp(`warning: .*${name}: .*${said.source}`));
    expect(table(stdout).split('\n')[1]).toMatch(said);
    expect(table(stdout)).toMatch(/^Error rate .*\(adaptive, white-box\)/);
  });

  it('a quantised file: its gradient passes straight through the rounding, and no table is headed white-box', async () => {
    const { code, stdout, stderr } = await run('quantised.onnx');
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: .*its gradient is zero everywhere; .*straight through QuantizeLinear/);
    expect(table(stdout)).toMatch(/^Error rate .*\(adaptive, gradients straight through rounding\)/);
    expect(stdout).not.toContain('white-box');
    // The float network that it was made of errs on 45.67% under the same step.
    expect(table(stdout)).toMatch(/quantised.onnx │ 2.33% +│ 4[3-8]\.\d\d%/);
  });
});

it('a file that draws random numbers is attacked by the mean of several draws, with the same figures again', async () => {
  const once = (to: string) =>
    runJson([
      ...['evaluate', file('noise.onnx'), '--name', 'model', ...DIGITS, '--preprocess', 'range=0..1'],
      ...['--attacks', 'pgd(epsilon=0.1),adam', '--audits', 'none', '--store', path.join(folder, to)],
    ]);
  const [first, again] = [await once('one'), await once('two')];
  expect(first.run.notes.join()).toMatch(/mean of 8 draws/);
  expect(Object.keys(errors(first))).toContain('pgd(epsilon=0.1, samples=8)');
  const figures = ({ cells }: Run) => cells.map(({ attack, metric, value }) => [attack, metric, value]);
  expect(figures(again)).toEqual(figures(first));
});
