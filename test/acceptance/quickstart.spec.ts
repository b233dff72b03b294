import { spawn } from 'node:child_process';
import path from 'node:path';

import { openStore, type CellRecord } from '@rampart/results';

import { rampart, ROOT, temporaryFolder } from '../integration/rampart';

/** The published figures that a run must come near: distortions of LeNet-5, table 5. */
const PUBLISHED = { cg: 0.0118, adam: 0.006 };
const ATTACKS = ['fgs(epsilon=0.1)', 'fgs(epsilon=0.5)', 'cg', 'adam'];
const RAD = 'rad(attack=adam)';

describe('the main job on the whole of MNIST 4 against 7', () => {
  const store = path.join(temporaryFolder(), 'store');
  let cells: CellRecord[];

  beforeAll(async () => {
    const ended = await rampart(['run', 'quickstart', '--seeds', '1..3', '--store', store, '--workers', '2']);
    expect(ended.code).toBe(0);
    const opened = await openStore(store, { readOnly: true });
    cells = await opened.cells.ofRun((await opened.runs.get('latest')).id);
    await opened.close();
  });

  const figure = (seed: number, model: string, attack: string, mode: string, metric: string) => {
    const cell = cells.find(
      (one) =>
        one.seed === seed && one.model === model && one.attack === attack && one.mode === mode && one.metric === metric,
    );
    expect(cell).toBeDefined();
    return cell!.value;
  };

  describe.each([1, 2, 3])('with seed %i', (seed) => {
    it('trains a LeNet-5 that errs at most 0.4% of the clean test set', () => {
      expect(figure(seed, 'lenet5', 'none', 'clean', 'error-rate')).toBeLessThanOrEqual(0.004);
    });

    it.each(['cg', 'adam'] as const)('%s evades LeNet-5 at about the published distortion', (attack) => {
      expect(figure(seed, 'lenet5', attack, 'adaptive', 'success-rate')).toBeGreaterThanOrEqual(0.99);
      const ratio = figure(seed, 'lenet5', attack, 'adaptive', 'distortion') / PUBLISHED[attack];
      expect(ratio).toBeGreaterThanOrEqual(0.75);
      expect(ratio).toBeLessThanOrEqual(1.25);
    });

    it('fgs(0.5) makes LeNet-5 err at least 35% of the test set', () => {
      expect(figure(seed, 'lenet5', 'fgs(epsilon=0.5)', 'adaptive', 'error-rate')).toBeGreaterThanOrEqual(0.35);
    });

    it('RAD errs at most 1% under every replayed attack and keeps the clean error', () => {
      for (const attack of ATTACKS) expect(figure(seed, RAD, attack, 'static', 'error-rate')).toBeLessThanOrEqual(0.01);
      const clean = figure(seed, RAD, 'none', 'clean', 'error-rate');
      expect(clean - figure(seed, 'lenet5', 'none', 'clean', 'error-rate')).toBeLessThanOrEqual(0.002);
    });

    it('RAD errs again above 40% when cg and adam attack it itself', () => {
      for (const attack of ['cg', 'adam']) {
        expect(figure(seed, RAD, attack, 'adaptive', 'error-rate')).toBeGreaterThan(0.4);
      }
    });
  });

  it('npm start ends after the table without the dashboard, and finds everything done', async () => {
    const ended = await npmStart(['--store', store, '--no-dashboard'], () => undefined);
    expect(ended.code).toBe(0);
    expect(ended.said).toContain('already done');
    expect(ended.said).toMatch(/rad\(attack=adam\).*48\.\d+%/);
  });

  it('npm start serves the page, says where, and ends at SIGINT', async () => {
    let page = '';
    let address = '';
    const ended = await npmStart(['--store', store, '--port', '0'], async (said, interrupt) => {
      address = /The dashboard is at (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1] ?? '';
      if (!address || page) return;
      page = 'asked for';
      page = await (await fetch(address)).text();
      interrupt();
    });
    expect(page).toContain('quickstart');
    // npm ends by the signal itself; what it started must be gone as well.
    expect([0, 130, null]).toContain(ended.code);
    await expect(fetch(address)).rejects.toThrow();
  });
});

/** Runs `npm start` as a person would, in a process group of its own, so that SIGINT reaches it as Ctrl+C does. */
function npmStart(
  args: readonly string[],
  onOutput: (said: string, interrupt: () => void) => void | Promise<void>,
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn('npm', ['start', '--', ...args], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      void onOutput(said, () => process.kill(-child.pid!, 'SIGINT'));
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('close', (code) => resolve({ code, said }));
  });
}
