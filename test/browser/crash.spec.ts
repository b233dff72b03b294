import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { openStore, type RunSummary, type Store } from '@rampart/results';
import type { Browser, Page } from 'playwright-core';

import { freePort } from '../free-port';
import { ROOT, temporaryFolder } from '../integration/rampart';
import { launchBrowser, visit } from './browser';
import { type Dashboard, startRampartDashboard } from './dashboard';

const MODEL = readFileSync(path.join(ROOT, 'test/fixtures/models/lenet5-torchscript-opset13.onnx'));
const DATASET = 'mnist(classes=[4, 7], trainLimit=20, testLimit=240)';
const PATIENCE_MS = 120_000;

/** Processes by their parent and what they are called, as `ps` has them. */
function processes(wanted: (one: { pid: number; parent: number; args: string }) => boolean): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      if (args === undefined) return [];
      const one = { pid: Number(pid), parent: Number(parent), args };
      return wanted(one) ? [one.pid] : [];
    });
}

/** Empty where the process is gone. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

describe('what is killed while an evaluation goes on that a page has started', () => {
  const directory = path.join(temporaryFolder(), 'store');
  let dashboard: Dashboard;
  let store: Store;
  let browser: Browser;
  let page: Page;
  let port: number;
  let artifact: string;

  beforeAll(async () => {
    port = await freePort();
    dashboard = await startRampartDashboard(directory, { port });
    store = await openStore(directory);
    browser = await launchBrowser();
    ({ page } = await visit(browser));
    const answer = await fetch(`${dashboard.address}/api/uploads`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(MODEL),
    });
    ({ artifact } = (await answer.json()) as { artifact: string });
  });

  afterAll(async () => {
    await browser?.close();
    await dashboard?.stop();
    await store?.close();
  });

  /** The evaluation's own process, which is told its store by its environment. */
  const evaluation = () =>
    processes(({ args }) => / --job \d/.test(args)).filter((pid) => environmentOf(pid).includes(directory));

  async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await delay(50)) {
      const found = await look();
      if (found) return found;
    }
    throw new Error(`Waited in vain for ${what}.`);
  }

  /** Starts an evaluation as the page does, and gives its run as soon as it has a finished step. */
  async function start(seed: number): Promise<{ job: number; run: RunSummary }> {
    const input = { artifact, name: `seed ${seed}`, dataset: DATASET, attacks: 'fgs(epsilon=0.1), cg, spsa', seed };
    const answer = await fetch(`${dashboard.address}/api/trpc/swapIn.evaluate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ json: input }),
    });
    const { result } = (await answer.json()) as { result: { data: { json: { job: number } } } };
    const { job } = result.data.json;
    const run = await until('the run to get going', async () => {
      const runId = (await store.jobs.find(job))?.runId;
      const found = runId === undefined ? undefined : await store.runs.find(runId);
      return found && found.stepsDone > 0 && found;
    });
    return { job, run };
  }

  const done = (job: number) =>
    until('the job to be done', async () => {
      const found = await store.jobs.find(job);
      if (found?.state === 'failed') throw new Error(found.error);
      return found?.state === 'done' && found;
    });

  /** Steps that were finished more than once, which none is to be. */
  async function doneTwice(runId: string): Promise<string[]> {
    const computed = (await store.events.after(runId, 0, 100_000)).flatMap(({ event }) =>
      event.type === 'step-finished' && !event.cached ? [event.step] : [],
    );
    return computed.filter((step, index) => computed.indexOf(step) !== index);
  }

  it('the web server: it is there again at once, and the evaluation goes on', async () => {
    await page.goto(`${dashboard.address}/swap-in?artifact=${artifact}&name=mine`);
    await page.getByRole('region', { name: 'What it is made of' }).waitFor({ timeout: PATIENCE_MS });
    await page.getByRole('combobox', { name: 'Dataset' }).fill(DATASET);
    await page.getByRole('button', { name: 'Start the evaluation' }).click();
    await page.waitForURL(/\/runs\/\d/, { timeout: PATIENCE_MS });
    const [before] = processes(({ parent }) => parent === dashboard.pid).filter((pid) => !evaluation().includes(pid));
    process.kill(before!, 'SIGKILL');
    await page.getByText('Done', { exact: true }).waitFor({ timeout: PATIENCE_MS });
    await page.reload();
    await page.getByRole('rowheader', { name: 'mine' }).first().waitFor();
    expect((await store.runs.list()).runs.map(({ state }) => state)).toEqual(['done']);
  });

  it('the worker: the evaluation comes to its end without it, and the next worker finds it done', async () => {
    const { job, run } = await start(2);
    dashboard.kill();
    await until('the web server to end with its parent', async () =>
      fetch(dashboard.address).then(
        () => false,
        () => true,
      ),
    );
    await until('the run to end', async () => (await store.runs.get(run.id)).state === 'done');
    expect((await store.jobs.find(job))!.state).toBe('running');
    dashboard = await startRampartDashboard(directory, { port });
    expect((await done(job)).runId).toBe(run.id);
    expect((await store.runs.list()).total).toBe(2);
  });

  it('worker and evaluation: the next start goes on from what was finished', async () => {
    const { job, run } = await start(3);
    dashboard.kill();
    evaluation().forEach((pid) => process.kill(pid, 'SIGKILL'));
    await until(
      'the run to be seen as interrupted',
      async () => (await store.runs.get(run.id)).state === 'interrupted',
    );
    dashboard = await startRampartDashboard(directory, { port });
    expect((await done(job)).runId).toBe(run.id);
    expect(await store.runs.get(run.id)).toMatchObject({ state: 'done' });
    expect(await doneTwice(run.id)).toEqual([]);
    expect((await store.runs.list()).total).toBe(3);
  });

  it('the evaluation alone: the page says so, and lets it go on', async () => {
    const { run } = await start(4);
    evaluation().forEach((pid) => process.kill(pid, 'SIGKILL'));
    await page.goto(`${dashboard.address}/runs/${run.id}`);
    await page.getByText('Interrupted', { exact: true }).waitFor();
    await page.getByText('Its process was killed (SIGKILL).').waitFor();
    await page.getByRole('button', { name: 'Go on with it' }).click();
    await page.getByText('Done', { exact: true }).waitFor({ timeout: PATIENCE_MS });
    expect(await doneTwice(run.id)).toEqual([]);
    expect((await store.runs.list()).total).toBe(4);
  });
});
