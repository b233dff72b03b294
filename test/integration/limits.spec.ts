import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { TINY_EXPERIMENT } from '../reliability/experiment';
import { canMount } from '../reliability/run-trials';
import { CLI, rampart, succeeds, temporaryFolder } from './rampart';

const MODEL = path.join(__dirname, '../fixtures/models/lenet5-dynamo-opset20.onnx');

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('limits of the machine', () => {
  const folder = temporaryFolder();
  const experiment = path.join(folder, 'tiny.yaml');
  writeFileSync(experiment, TINY_EXPERIMENT);
  const sound = path.join(folder, 'sound');
  // Root alone may mount; elsewhere these are skipped.
  const mounted = process.platform === 'linux' && canMount(folder) ? it : it.skip;

  beforeAll(async () => {
    await succeeds(rampart(['run', experiment, '--store', sound]));
  });

  /** Runs a line of bash in which `rampart` is the built command line. */
  function bash(line: string): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
    const command = `rampart() { "${process.execPath}" "${CLI}" "$@"; }; ${line}`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8', cwd: folder });
    return { code: status, stdout, stderr };
  }
  const sentence = (text: string) => text.split('\n').filter((line) => line.startsWith('rampart: '));
  const place = (name: string) => path.join(folder, name);
  /** Whatever stopped it, the same command goes on from there without it. */
  const expectToGoOn = async (store: string) => {
    await succeeds(rampart(['run', experiment, '--store', store]));
    await succeeds(rampart(['verify', '--store', store]));
  };

  onLinux('a full output ends a command with one sentence and 1', () => {
    for (const command of [
      'list attacks',
      `report --store "${sound}"`,
      `run tiny.yaml --store "${place('full')}" --json`,
    ]) {
      const { code, stderr } = bash(`rampart ${command} > /dev/full`);
      expect(sentence(stderr)).toEqual([
        expect.stringMatching(/^rampart: The output cannot be written: no space left on device/),
      ]);
      expect(stderr).not.toMatch(/ at .*\.js/);
      expect(code).toBe(1);
    }
  });

  onLinux('a closed pipe ends a run quietly, wherever its threads are', async () => {
    for (const lines of [1, 4, 6]) {
      const run = `rampart run tiny.yaml --store "${place('pipe')}" --json`;
      const { stdout, stderr } = bash(`${run} | head -${lines} > /dev/null; echo "\${PIPESTATUS[0]}"`);
      expect([stdout.trim(), sentence(stderr)]).toEqual(['141', []]);
    }
    await expectToGoOn(place('pipe'));
  });

  onLinux('a folder that cannot be made is told at once', () => {
    const { code, stderr } = bash('rampart run tiny.yaml --store /proc/none');
    expect([code, sentence(stderr)]).toEqual([1, [expect.stringContaining('"/proc/none" cannot be written')]]);
  });

  onLinux('files that may not grow fail a run with the reason', async () => {
    const { code, stderr } = bash(`ulimit -f 100; rampart run tiny.yaml --store "${place('short files')}"`);
    expect([code, sentence(stderr)]).toEqual([1, [expect.stringMatching(/disk|EFBIG|too large/)]]);
    expect(stderr).not.toContain('rollback');
    await expectToGoOn(place('short files'));
  });

  onLinux('too few open files fail a run with the reason', async () => {
    const { code, stderr } = bash(`ulimit -n 26; rampart run tiny.yaml --store "${place('few files')}"`);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^rampart: .*(EMFILE|open files|unable to open)/m)]);
    await expectToGoOn(place('few files'));
  });

  onLinux('too few addresses are told before anything begins, and enough for them are enough', async () => {
    const limited = (megabytes: number, command: string) =>
      bash(`ulimit -v ${Math.ceil((megabytes * 1e6) / 1024)}; rampart ${command}`);
    const store = place('few addresses');
    for (const [megabytes, command, needed] of [
      [900, 'list attacks', '1.50 GB'],
      [2400, `run tiny.yaml --workers 1 --store "${store}"`, '2.50 GB for 1 worker'],
      [3400, `run tiny.yaml --workers 2 --store "${store}"`, '3.50 GB for 2 workers'],
      [2200, `run tiny.yaml --workers 4 --store "${store}"`, '5.50 GB for 4 workers'],
    ] as const) {
      const { code, stdout, stderr } = limited(megabytes, command);
      expect([code, stdout, sentence(stderr)]).toEqual([1, '', [expect.stringContaining(`at least ${needed}.`)]]);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
    expect(limited(1510, 'list attacks')).toMatchObject({ code: 0, stderr: '' });
    for (const [megabytes, workers] of [
      [2510, 1],
      [3510, 2],
      [5510, 4],
    ] as const) {
      const { code, stderr } = limited(megabytes, `run tiny.yaml --workers ${workers} --store "${store} ${workers}"`);
      expect([code, sentence(stderr)]).toEqual([0, []]);
    }
  });

  onLinux('a pipe in place of a file is refused at once, and what the shell hands over is read', () => {
    const pipes = place('pipes');
    mkdirSync(path.join(pipes, 'class'), { recursive: true });
    for (const name of [
      'e.yaml',
      'm.onnx',
      'x.npy',
      'x.csv',
      'x.npz',
      'x.parquet',
      'class/x.png',
      'class/x.wav',
      'train-images-idx3-ubyte',
      'train-labels-idx1-ubyte',
      't10k-images-idx3-ubyte',
      't10k-labels-idx1-ubyte',
      'test-images.npy',
      'test-labels.npy',
      'data_batch_1.bin',
      'test_batch.bin',
    ]) {
      execFileSync('mkfifo', [path.join(pipes, name)]);
    }
    const evaluate = (dataset: string) => `evaluate "$MODEL" --dataset '${dataset}' --data-dir pipes`;
    for (const command of [
      'run pipes/e.yaml',
      'inspect pipes/m.onnx',
      'gradient "$MODEL" --input pipes/x.npy --labels pipes/x.npy --out gradient.npy',
      ...['mnist', 'npy-folder', 'csv(path="x.csv")', 'npz(path="x.npz")', 'parquet(path="x.parquet")'].map(evaluate),
      ...['image-folder', 'wav'].map(evaluate),
    ]) {
      const { code, stderr } = bash(`MODEL="${MODEL}"; timeout 90 "${process.execPath}" "${CLI}" ${command}`);
      expect([command, ...sentence(stderr)]).toEqual([command, expect.stringMatching(/it is (a named pipe|no file)/)]);
      expect([1, 2]).toContain(code);
    }
    expect(bash(`rampart run <(cat tiny.yaml) --store nowhere --dry-run`)).toMatchObject({ code: 0, stderr: '' });
  });

  onLinux('no home, no folder for temporary files and an odd name are no hindrance', async () => {
    const store = place(`odd "name" $(x) \\ ü\n`);
    mkdirSync(store);
    const line = `unset HOME; TMPDIR=/nonexistent rampart run tiny.yaml --store "$STORE"`;
    const child = spawnSync('bash', ['-c', `rampart() { "${process.execPath}" "${CLI}" "$@"; }; ${line}`], {
      encoding: 'utf8',
      cwd: folder,
      env: { ...process.env, STORE: store },
    });
    expect([child.status, sentence(child.stderr)]).toEqual([0, []]);
  });

  it('SIGTERM ends a run in order, and the same command goes on', async () => {
    const store = place('terminated');
    const ended = await rampart(['run', experiment, '--store', store], {
      onOutput: (said, kill) => {
        if (said.includes('[1/') && !said.includes('SIGTERM')) kill('SIGTERM');
      },
    });
    expect([ended.code, ended.stderr]).toEqual([130, expect.stringContaining('The same command goes on from here:')]);
    await expectToGoOn(store);
  });

  mounted('a full disk fails a run with the reason, and with room the same command goes on', async () => {
    const disk = place('disk');
    mkdirSync(disk);
    for (const size of ['200k', '300k', '500k', '700k']) {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]);
      try {
        const store = path.join(disk, 'store');
        const { code, stderr } = await rampart(['run', experiment, '--store', store]);
        expect([code, stderr]).toEqual([
          1,
          expect.stringMatching(/^rampart: .*(disk is full|no space left|I\/O error)/m),
        ]);
        expect(stderr).not.toMatch(/ at .*\.js|rollback|Stopped/);
        execFileSync('mount', ['-o', 'remount,size=50m', disk]);
        await expectToGoOn(store);
      } finally {
        execFileSync('umount', ['-l', disk]);
      }
    }
  });

  mounted('a store on a disk that nobody may write to can be read, and a run in it is refused', async () => {
    const disk = place('read only');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', disk]);
    try {
      execFileSync('cp', ['-r', sound, path.join(disk, 'store')]);
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      const store = path.join(disk, 'store');
      for (const command of [['report'], ['verify'], ['backup', place('copy of it')]]) {
        await succeeds(rampart([...command, '--store', store]));
      }
      const { code, stderr } = await rampart(['run', experiment, '--store', store]);
      expect([code, sentence(stderr)]).toEqual([1, [expect.stringMatching(/cannot be written|read-only/)]]);
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });
});
