import { spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Rng } from '@rampart/core';
import { float32Tensor, GraphBuilder, writeModel } from '@rampart/onnx';
import type { Report } from '@rampart/reports';
import type { RobustnessRecord, RunRecord } from '@rampart/results';

import { type RunLine, valuesOf } from '../onnx/command';
import { type Ended, rampart, type RampartOptions, ROOT, succeeds, temporaryFolder } from './rampart';
import { PLAIN_MODEL, referenceOptions } from './reference-data';

/** Where Debian's package of Chromium has Vulkan on the processor, and a loader for it. */
const CHROMIUM = '/usr/lib/chromium';
const SWIFTSHADER = path.join(CHROMIUM, 'vk_swiftshader_icd.json');
const HAS_SWIFTSHADER = existsSync(SWIFTSHADER) && existsSync(path.join(CHROMIUM, 'libvulkan.so.1'));

const onLinux = process.platform === 'linux' ? it : it.skip;
const onSwiftShader = HAS_SWIFTSHADER ? it : it.skip;

function swiftShaderIn(folder: string): Record<string, string> {
  return { LD_LIBRARY_PATH: CHROMIUM, VK_ICD_FILENAMES: SWIFTSHADER, XDG_RUNTIME_DIR: folder };
}

const ASKED = ['--threats', 'linf(0.1)', '--attacks', 'pgd(steps=5)', '--audits', 'none', '--workers', '2'];

const SKIPS = HAS_SWIFTSHADER ? '' : " (skips what needs SwiftShader: Debian's chromium is not installed)";

describe(`rampart evaluate --device${SKIPS}`, () => {
  const folder = temporaryFolder();
  const store = path.join(folder, 'store');
  const evaluate = (device: string, env: Record<string, string>, ...more: readonly string[]) =>
    rampart(['evaluate', PLAIN_MODEL, ...ASKED, '--device', device, ...referenceOptions(folder, 24), ...more], { env });
  const swiftShader = swiftShaderIn(folder);
  const noGpu = { VK_ICD_FILENAMES: '/dev/null', VK_DRIVER_FILES: '/dev/null' };

  const refused = (ended: Ended, what: RegExp, directory: string) => {
    expect(ended.stderr).toMatch(what);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended.stdout).not.toContain('Standing');
    expect(ended.code).toBeGreaterThan(0);
    expect(existsSync(directory)).toBe(false);
  };

  onLinux('refuses WebGPU in one line where there is no GPU, and writes nothing', async () => {
    const directory = path.join(folder, 'no-gpu');
    const ended = await evaluate('webgpu', noGpu, '--store', directory);
    refused(
      ended,
      /^rampart: Expected a GPU .* Received: no adapter\. It needs a driver .* leave --device out/,
      directory,
    );
  });

  it('refuses CUDA where ONNX Runtime comes without it', async () => {
    const directory = path.join(folder, 'no-cuda');
    const ended = await evaluate('cuda', {}, '--store', directory);
    refused(ended, /^rampart: Expected an ONNX Runtime that has the CUDA provider/, directory);
  });

  it('refuses a device that there is not', async () => {
    const ended = await evaluate('tpu', {}, '--store', path.join(folder, 'tpu'));
    expect(ended.stderr).toContain('cpu, webgpu, cuda');
    expect(ended.code).toBeGreaterThan(0);
  });

  onSwiftShader('attacks on a device, compares it with the CPU, and tells what ran where', async () => {
    const ran: { readonly run: RunRecord; readonly robustness: readonly RobustnessRecord[] }[] = [];
    for (const device of ['webgpu', 'cpu']) {
      const ended = await evaluate(device, swiftShader, '--store', store, '--json');
      expect(ended.code === 0 ? '' : ended.stderr).toBe('');
      const lines = ended.stdout.trim().split('\n');
      ran.push(JSON.parse(lines.at(-1)!) as (typeof ran)[number]);
      // Examples of another device are other examples: they are made again, and the model is not.
      const again = lines.map((line) => JSON.parse(line) as { type: string; label?: string; cached?: boolean });
      const done = again.filter(({ type }) => type === 'step-finished');
      expect(done.filter(({ label }) => label!.startsWith('attack')).map(({ cached }) => cached)).not.toContain(true);
      expect(done.find(({ label }) => label!.startsWith('take'))?.cached).toBe(device === 'cpu');
    }
    const [device, cpu] = ran.map(({ run }) => run.id) as [string, string];
    const [own, reference] = ran.map(({ robustness }) => robustness[0]!) as [RobustnessRecord, RobustnessRecord];
    expect(own.instances).toBe(24);
    // Rounding may decide about one instance, not more.
    expect(Math.abs(own.robustAccuracy - reference.robustAccuracy)).toBeLessThanOrEqual(1 / 24);

    const report = async (run: string, format: string) =>
      (await rampart(['report', run, '--store', store, '--format', format])).stdout;
    const { devices } = JSON.parse(await report(device, 'json')) as Report;
    expect(devices).toHaveLength(1);
    const [{ model, device: name, sessions }] = devices as [Report['devices'][number]];
    expect([model, name]).toEqual([path.basename(PLAIN_MODEL), 'webgpu']);
    const losses = sessions.find(({ computes }) => computes === 'cross-entropy')!;
    expect(losses.compared).toBeGreaterThanOrEqual(24);
    expect(losses.onCpu).toEqual([{ name: 'ReduceLogSumExp', op: 'ReduceLogSumExp' }]);
    expect(Object.keys(losses.differences)).toEqual(['logits', 'losses', 'gradient']);
    for (const difference of Object.values(losses.differences)) expect(difference).toBeLessThan(1e-3);
    for (const format of ['text', 'markdown', 'html']) {
      expect(await report(device, format)).toContain('What was computed where');
      expect(await report(cpu, format)).not.toContain('What was computed where');
    }
    expect((JSON.parse(await report(cpu, 'json')) as Report).devices).toEqual([]);
  });

  onSwiftShader('finds the operator that a device computes wrongly', async () => {
    // In its layout NHWC, which Rampart does not ask for, ONNX Runtime 1.30 computes convolutions of 6 channels wrongly.
    const asked = ['--layout', 'nhwc', '--rates', 'no', '--batches', '2', '--losses', 'margin', PLAIN_MODEL];
    const said = await checked('webgpu-check', asked, swiftShader);
    expect(said).toMatch(/margin: WRONG on the device: logits \d\.\de-1/);
    expect(said).toMatch(/margin: agrees with the CPU: .* with Conv "\/3\/Conv" on the CPU\n/);
  });
});

describe(`rampart harden --device${SKIPS}`, () => {
  const folder = temporaryFolder();
  const store = path.join(folder, 'store');
  const swiftShader = swiftShaderIn(folder);
  const model = path.join(folder, 'small.onnx');
  writeFileSync(model, smallModel());
  const checkpoints = path.join(store, 'artifacts/checkpoints');
  const defense = 'trades(epsilon=0.1, steps=2, epochs=5, batchSize=40, learningRate=0.02, keep=last)';
  const harden = (device: string, options: RampartOptions = {}, ...more: readonly string[]) => {
    const out = path.join(folder, `${device}.onnx`);
    const asked = ['--defense', defense, '--attacks', 'fgs(epsilon=0.1)', '--audits', 'none', '--device', device];
    const where = ['--store', store, '--out', out, '--json', ...referenceOptions(folder, 60)];
    return rampart(['harden', model, ...asked, ...where, ...more], { env: swiftShader, ...options });
  };
  const read = ({ stdout }: Ended) => {
    const lines = stdout
      .trim()
      .split('\n')
      .filter((line) => line.endsWith('}'));
    const events = lines.map((line) => JSON.parse(line) as Event & RunLine);
    const run = events.find(({ type }) => type === 'run')!;
    const errors = (label: string) => valuesOf(run, 'error-rate', label, 'clean')['none']!;
    const [before, after] = run.models.map(({ label }) => errors(label));
    return {
      ...{ run: run.run.id, before, after },
      step: events.find(({ type, label }) => type === 'step-finished' && label!.startsWith('harden'))!.step,
      /** The epochs that the training had done when it first said so. */
      begunAt: events.find(({ type, unit }) => type === 'step-progress' && unit === 'epochs')!.done!,
    };
  };

  it('refuses an engine that computes on the CPU alone in one line, and writes nothing', async () => {
    const ended = await harden('webgpu', {}, '--engine', 'tfjs');
    expect(ended.stderr).toMatch(/^rampart: The training engine "tfjs" computes on the CPU alone\. .*--engine onnx/);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({ type: 'error', code: 'usage' });
    expect([ended.code, existsSync(store)]).toEqual([2, false]);
  });

  onSwiftShader('trains against an inner attack, and goes on where it was killed, on that device only', async () => {
    const kept = new AbortController();
    const looking = setInterval(() => {
      if (existsSync(checkpoints) && readdirSync(checkpoints).length > 0) kept.abort();
    }, 20);
    const killed = await harden('webgpu', { env: swiftShader, killed: kept.signal });
    clearInterval(looking);
    expect(killed.signal).toBe('SIGKILL');

    const cpu = read(await succeeds(harden('cpu')));
    expect(cpu.begunAt).toBeLessThan(1);
    expect(readdirSync(checkpoints)).not.toEqual([]);
    const device = read(await succeeds(harden('webgpu')));
    expect(device.begunAt).toBeGreaterThanOrEqual(1);
    expect(readdirSync(checkpoints)).toEqual([]);
    expect(device.step).not.toBe(cpu.step);

    // Its random numbers are others, so that it is another model that has learned as well.
    for (const { before, after } of [cpu, device]) {
      expect(before).toBeGreaterThan(0.8);
      expect(after).toBeLessThan(0.5);
    }
    const report = await succeeds(rampart(['report', device.run, '--store', store, '--format', 'json']));
    const { devices } = JSON.parse(report.stdout) as Report;
    const { sessions } = devices.find((one) => one.model === defense)!;
    const training = sessions.find(({ computes }) => computes === 'training, while hardening')!;
    expect(Object.keys(training.differences)).toEqual(['gradient of the weights', 'loss', 'statistics of the batch']);
    const inner = sessions.find(({ computes }) => computes === 'inner attack of training, while hardening')!;
    expect(Object.keys(inner.differences)).toEqual(['gradient of the images', 'logits']);
    // Where nothing differs there was nothing to compare, such as gradients of zero.
    expect(inner.differences['gradient of the images']).toBeGreaterThan(0);
    for (const { compared, differences, onCpu, wrong } of [training, inner]) {
      expect(compared).toBeGreaterThanOrEqual(40);
      expect([onCpu, wrong]).toEqual([[], undefined]);
      for (const difference of Object.values(differences)) expect(difference).toBeLessThan(1e-5);
    }
  });

  onSwiftShader('makes the steps of the CPU, batch normalisation included', async () => {
    const asked = ['--cases', 'trades', '--model', model, '--steps', '2', '--threads', '1'];
    const said = await checked('training-check', asked, swiftShader);
    expect(said).toMatch(/statistics of the batch \d.*; on the CPU: nothing/);
    expect(Number(/farthest (\S+)/.exec(said)![1])).toBeLessThan(1e-3);
  });
});

/** A line of `--json`. */
interface Event {
  readonly type: string;
  readonly step: string;
  readonly label?: string;
  readonly unit?: string;
  readonly done?: number;
}

/** What one of the checks by hand says. */
function checked(check: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((done, failed) => {
    const file = path.join(ROOT, `test/device/${check}.mjs`);
    const child = spawn(process.execPath, [file, ...args], { env: { ...process.env, ...env } });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    }
    child.on('error', failed);
    child.on('close', () => done(text));
  });
}

/** A convolution, batch normalisation and a layer of answers for MNIST: few operators, which a software GPU opens soon. */
function smallModel(): Uint8Array {
  const rng = Rng.root(1);
  const builder = new GraphBuilder();
  const weights = (name: string, dims: readonly number[], draw: () => number) => {
    const size = dims.reduce((product, one) => product * one, 1);
    return builder.initializer(name, float32Tensor(dims, Float32Array.from({ length: size }, draw)));
  };
  builder.input('images', 'float32', ['N', 1, 28, 28]);
  const filters = weights('filters', [6, 1, 5, 5], () => 0.2 * rng.normal());
  const convolved = builder.node('Conv', ['images', filters], { strides: [3, 3] });
  const statistics = [1, 0, 0, 1].map((value, k) => weights(`norm.${k}`, [6], () => value));
  const values = builder.node('Relu', [builder.node('BatchNormalization', [convolved, ...statistics])]);
  const head = weights('head', [6 * 64, 10], () => 0.05 * rng.normal());
  builder.output(builder.node('MatMul', [builder.node('Flatten', [values]), head]), 'float32');
  const made = { irVersion: 8, opsets: new Map([['', 17]]), producer: '', metadata: new Map(), functions: [] };
  return writeModel({ ...made, graph: builder.build('small') });
}
