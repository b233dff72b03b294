import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Report } from '@rampart/reports';
import type { RobustnessRecord, RunRecord } from '@rampart/results';

import { type Ended, rampart, ROOT, temporaryFolder } from './rampart';
import { PLAIN_MODEL, referenceOptions } from './reference-data';

/** Where Debian's package of Chromium has Vulkan on the processor, and a loader for it. */
const CHROMIUM = '/usr/lib/chromium';
const SWIFTSHADER = path.join(CHROMIUM, 'vk_swiftshader_icd.json');
const HAS_SWIFTSHADER = existsSync(SWIFTSHADER) && existsSync(path.join(CHROMIUM, 'libvulkan.so.1'));

const onLinux = process.platform === 'linux' ? it : it.skip;
const onSwiftShader = HAS_SWIFTSHADER ? it : it.skip;

const ASKED = ['--threats', 'linf(0.1)', '--attacks', 'pgd(steps=5)', '--audits', 'none', '--workers', '2'];

describe(`rampart evaluate --device${HAS_SWIFTSHADER ? '' : " (skips what needs SwiftShader: Debian's chromium is not installed)"}`, () => {
  const folder = temporaryFolder();
  const store = path.join(folder, 'store');
  const evaluate = (device: string, env: Record<string, string>, ...more: readonly string[]) =>
    rampart(['evaluate', PLAIN_MODEL, ...ASKED, '--device', device, ...referenceOptions(folder, 24), ...more], { env });
  const swiftShader = { LD_LIBRARY_PATH: CHROMIUM, VK_ICD_FILENAMES: SWIFTSHADER, XDG_RUNTIME_DIR: folder };
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
    const check = path.join(ROOT, 'test/device/webgpu-check.mjs');
    const said = await new Promise<string>((done, failed) => {
      const args = [check, '--layout', 'nhwc', '--rates', 'no', '--batches', '2', '--losses', 'margin', PLAIN_MODEL];
      const child = spawn(process.execPath, args, { env: { ...process.env, ...swiftShader } });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.on('error', failed);
      child.on('close', () => done(text));
    });
    expect(said).toMatch(/margin: WRONG on the device: logits \d\.\de-1/);
    expect(said).toMatch(/margin: agrees with the CPU: .* with Conv "\/3\/Conv" on the CPU\n/);
  });
});
