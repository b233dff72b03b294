import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { type Executor, queueExecutor, type StepTask, workerVersion, workOnQueue } from '@rampart/experiments';
import { openStore } from '@rampart/results';

import { TemporaryServer } from '../../libs/results/src/postgres/temporary-server.process';

const WORKERS = [1, 2, 4, 8];

/** A step that takes so long and computes nothing. */
function sleeper(ms: number): Executor {
  return {
    run: async () => {
      await delay(ms);
      return { output: {}, artifacts: [] };
    },
    close: () => Promise.resolve(),
  };
}

async function work(store: string, ms: number): Promise<void> {
  const opened = await openStore(store);
  const means = { host: 'bench', pid: process.pid, cores: 1, threads: 1, memory: 2 ** 33, processor: 'any' };
  await workOnQueue({
    store: opened,
    id: `bench/${process.pid}`,
    executor: sleeper(ms),
    means: { ...means, version: workerVersion(), node: process.versions.node, engine: 'none', kinds: [] },
    signal: new AbortController().signal,
    exitWhenIdle: 20,
  });
  await opened.close();
}

/** Seconds that steps take from the first that is asked for to the last that is done. */
async function measure(store: string, steps: number, name: string): Promise<number> {
  const opened = await openStore(store);
  const executor = await queueExecutor({ store: opened, run: () => name, data: 0, priority: 0, order: () => 0 });
  const watch = { onBegun: () => undefined, onProgress: () => undefined };
  const ask = (number: number) => {
    const step = { kind: 'attack', key: `${name} ${number}`, label: `step ${number}`, needs: [], versions: {} };
    const dataset = { name: 'none', params: {}, dataDir: undefined, checksum: '' };
    return executor.ask({ step, inputs: [], dataset } as unknown as StepTask, new AbortController().signal, watch);
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: steps }, (_, number) => ask(number)));
  const seconds = (performance.now() - began) / 1000;
  await executor.close();
  await opened.close();
  return seconds;
}

/** `npm run bench:queue -- --steps 1000 --ms 100`: what the queue adds to steps that sleep. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { steps: { type: 'string' }, ms: { type: 'string' }, worker: { type: 'string' } },
  });
  const [steps, ms] = [Number(values.steps ?? 1000), Number(values.ms ?? 100)];
  if (values.worker !== undefined) return work(values.worker, ms);
  const server = await TemporaryServer.make();
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-queue-'));
  try {
    const store = await server.database();
    await (await openStore(store, { create: true, artifacts: folder })).close();
    process.stdout.write(`${steps} steps of ${ms} ms\nworkers  seconds  ideal  ratio  steps/s\n`);
    for (const count of WORKERS) {
      const args = ['-r', '@swc-node/register', __filename, '--worker', store, '--ms', String(ms)];
      const children = Array.from({ length: count }, () => spawn(process.execPath, args, { stdio: 'inherit' }));
      // They are all there before the first step.
      await delay(1000);
      await measure(store, 4 * count, `warm ${count}`);
      const seconds = await measure(store, steps, `steps ${count}`);
      const ideal = (steps * ms) / 1000 / count;
      const figures = [
        seconds.toFixed(2),
        ideal.toFixed(2),
        (seconds / ideal).toFixed(3),
        (steps / seconds).toFixed(1),
      ];
      process.stdout.write(`${[count, ...figures].map((one) => String(one).padStart(7)).join('  ')}\n`);
      for (const child of children) child.kill('SIGKILL');
    }
  } finally {
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
