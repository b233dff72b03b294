import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { checksum, Rng } from '@rampart/core';
import { openStore } from '@rampart/results';

import {
  type Ended,
  findingsOf,
  rampart,
  type RampartOptions,
  ROOT,
  SMALL_EXPERIMENT,
  temporaryFolder,
} from './rampart';

describe('a run that is killed', () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'small.yaml');
  writeFileSync(file, SMALL_EXPERIMENT);

  it('at ten random moments is finished by the same command, with the same results and no step done twice', async () => {
    const undisturbedStore = path.join(folder, 'undisturbed');
    const began = performance.now();
    const undisturbed = findingsOf(
      await rampart(['run', file, '--store', undisturbedStore, '--workers', '2', '--json']),
    );
    const length = performance.now() - began;

    const store = path.join(folder, 'killed');
    const rng = Rng.root('moments');
    const computed: string[] = [];
    const note = (stdout: string) => {
      for (const line of stdout.split('\n').filter((text) => text.endsWith('}'))) {
        const event = JSON.parse(line) as { type: string; step: string; cached?: boolean };
        if (event.type === 'step-finished' && !event.cached) computed.push(event.step);
      }
    };
    for (let kill = 0; kill < 10; kill++) {
      const killAfter = 500 + rng.uniform() * 0.6 * length;
      note((await rampart(['run', file, '--store', store, '--workers', '2', '--json'], { killAfter })).stdout);
    }
    const finished = await rampart(['run', file, '--store', store, '--workers', '2', '--json']);
    expect(finished.code).toBe(0);
    note(finished.stdout);
    expect(findingsOf(finished)).toEqual(undisturbed);
    expect(new Set(computed).size).toBe(computed.length);

    const opened = await openStore(store, { readOnly: true });
    const { runs } = await opened.runs.list();
    expect(runs.filter((run) => run.state !== 'done')).toEqual([]);
    await opened.close();
  });
});

describe('a hardening that is killed', () => {
  const folder = temporaryFolder();
  const harden = (name: string, workers: number, options?: RampartOptions) =>
    rampart(
      [
        ...['harden', path.join(ROOT, 'test/fixtures/models/lenet5-torchscript-opset13.onnx'), '--json'],
        ...['--dataset', 'mnist(classes=[4, 7], trainLimit=1200, testLimit=40)', '--attacks', 'fgs(epsilon=0.1)'],
        ...['--audits', 'none', '--defense', 'pgd-at(epsilon=0.1, epochs=5)', '--workers', String(workers)],
        ...['--store', path.join(folder, name), '--out', path.join(folder, `${name}.onnx`)],
      ],
      options,
    );
  const checkpoints = (name: string) => path.join(folder, name, 'artifacts/checkpoints');
  const hardened = (name: string) => checksum(readFileSync(path.join(folder, `${name}.onnx`)));
  /** The epochs that the training had done when it first said so. */
  const begunAt = ({ stdout }: Ended) =>
    stdout
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as { type: string; unit?: string; done: number })
      .find(({ type, unit }) => type === 'step-progress' && unit === 'epochs')!.done;

  it('goes on from its checkpoint, to the same file', async () => {
    const undisturbed = await harden('undisturbed', 1);
    expect(undisturbed.code).toBe(0);

    const kept = new AbortController();
    const looking = setInterval(() => {
      const folderOf = checkpoints('killed');
      if (existsSync(folderOf) && readdirSync(folderOf).length > 0) kept.abort();
    }, 20);
    const killed = await harden('killed', 2, { killed: kept.signal });
    clearInterval(looking);
    expect(killed.signal).toBe('SIGKILL');
    expect(existsSync(path.join(folder, 'killed.onnx'))).toBe(false);

    const finished = await harden('killed', 1);
    expect(finished.code).toBe(0);
    expect(begunAt(finished)).toBeGreaterThan(begunAt(undisturbed));
    expect(hardened('killed')).toBe(hardened('undisturbed'));
    expect(readdirSync(checkpoints('killed'))).toEqual([]);
  });
});
