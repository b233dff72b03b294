// The dashboard over a store of 1,000 runs, 200,000 cells and 1 million attacked instances: what the server takes to
// answer each page, what a browser loads for it at first, and what a filter takes.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import Table from 'cli-table3';
import { chromium } from 'playwright-core';

import { build } from '../../tools/setup/install.mjs';
import { chromiumPath } from '../browser/over-store.mjs';
import { runSource } from './run-source.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const require = createRequire(import.meta.url);
const REQUESTS = 21;
/** Milliseconds at the median that a page, the gallery's next page and a filter may take; kilobytes of its scripts. */
const LIMITS = { page: 300, next: 200, filter: 50, scripts: 350 };

export default async function dashboardBench() {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  let server;
  try {
    // With the API that it serves; Nx knows whether there is anything to do.
    build(['@rampart/dashboard']);
    console.log('Filling a store with 1,000 runs; this takes a minute or two ...');
    runSource('test/store/fill-store.ts', [folder], 'ignore');
    const port = await freePort();
    const next = require.resolve('next/dist/bin/next', { paths: [join(root, 'apps/dashboard')] });
    server = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', String(port)], {
      cwd: join(root, 'apps/dashboard'),
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', RAMPART_STORE: folder },
      stdio: 'ignore',
    });
    const address = `http://127.0.0.1:${port}`;
    await answering(address);
    const id = await largestRun(folder);
    await report(address, id);
  } finally {
    server?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function report(address, { id, artifact }) {
  const pages = {
    '/runs': (i) => `/runs?page=${i + 1}`,
    '/runs, ranked': (i) => `/runs?order=robust-accuracy&page=${i + 1}`,
    '/runs, searched': (i) => `/runs?search=paper+${i}`,
    matrix: () => `/runs/${id}`,
    'matrix, a cell open': () => `/runs/${id}?model=lenet5&attack=cg`,
    curves: () => `/runs/${id}/curves`,
    gallery: (i) => `/runs/${id}/gallery?page=${i + 1}`,
    'gallery, filtered': (i) => `/runs/${id}/gallery?outcome=evaded&page=${i + 1}`,
    'one image': (i) => `/runs/${id}/gallery/${2 * i}`,
    'models of a run': () => `/runs/${id}/models`,
    log: () => `/runs/${id}/log`,
    '/models': (i) => `/models?page=${i + 1}`,
    'a model': () => `/models/${artifact}`,
    compare: () => `/compare?runs=${id}`,
    leaderboard: () => '/leaderboard',
    'at an epsilon': (i) => `/leaderboard?norm=linf&epsilon=${(i + 1) / 100}`,
    experiment: () => `/experiment?run=${id}`,
    'swap in': () => '/swap-in',
  };
  const table = new Table({ head: ['page', 'median', 'slowest', 'scripts, gzip'], style: { head: [], border: [] } });
  const late = [];
  for (const [name, path] of Object.entries(pages)) {
    const times = await time(address, path);
    const scripts = await scriptSize(address, path(0));
    table.push([name, `${times.median.toFixed(0)} ms`, `${times.slowest.toFixed(0)} ms`, `${scripts.toFixed(0)} kB`]);
    if (times.median > LIMITS.page || scripts > LIMITS.scripts) late.push(name);
  }
  const input = (i) => encodeURIComponent(JSON.stringify({ json: { id, mode: 'adaptive', page: i + 2 } }));
  const next = await time(address, (i) => `/api/trpc/gallery.page?input=${input(i)}`);
  table.push(["gallery's next page", `${next.median.toFixed(0)} ms`, `${next.slowest.toFixed(0)} ms`, '']);
  if (next.median > LIMITS.next) late.push("gallery's next page");
  const found = (i) => encodeURIComponent(JSON.stringify({ json: { search: `paper ${i}` } }));
  const answers = await time(address, (i) => `/api/trpc/runs.list?input=${found(i)}`);
  const filters = { 'runs, a filter answered': answers, ...(await timeFilter(`${address}/leaderboard`)) };
  for (const [name, { median, slowest }] of Object.entries(filters)) {
    table.push([name, `${median.toFixed(0)} ms`, `${slowest.toFixed(0)} ms`, '']);
    if (median > LIMITS.filter) late.push(name);
  }
  console.log(table.toString());
  console.log(late.length === 0 ? 'All within their limits.' : `Beyond their limits: ${late.join(', ')}.`);
}

async function time(address, path) {
  const times = [];
  await (await fetch(address + path(0))).arrayBuffer();
  for (let i = 0; i < REQUESTS; i++) {
    const start = performance.now();
    const response = await fetch(address + path(i));
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${path(i)} answered ${response.status}.`);
    times.push(performance.now() - start);
  }
  return summed(times);
}

function summed(times) {
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(times.length / 2)], slowest: times.at(-1) };
}

/** From a letter in the leaderboard's search to the rows that it leaves, in the browser, of as many as are shown. */
async function timeFilter(address) {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    await page.goto(address, { waitUntil: 'load' });
    const rows = await page.locator('tbody tr').count();
    const times = await page.evaluate(async (turns) => {
      const input = document.querySelector('input[type=search]');
      const setValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
      const result = [];
      for (let turn = 0; turn < turns; turn++) {
        const changed = new Promise((done) => {
          const observer = new MutationObserver(() => (observer.disconnect(), done()));
          observer.observe(document.querySelector('main'), { childList: true, subtree: true });
        });
        const start = performance.now();
        setValue.call(input, turn % 2 === 0 ? 'rad' : '');
        input.dispatchEvent(new Event('input', { bubbles: true }));
        await changed;
        result.push(performance.now() - start);
        // The address follows.
        await new Promise((done) => setTimeout(done, 1500));
      }
      return result;
    }, 12);
    return { [`leaderboard, a filter on ${rows} rows`]: summed(times) };
  } finally {
    await browser.close();
  }
}

/** Kilobytes of the scripts that a page names, compressed; those for browsers without modules are not loaded. */
async function scriptSize(address, path) {
  const html = await (await fetch(address + path)).text();
  const tags = [...html.matchAll(/<script[^>]*>/g)].map(([tag]) => tag).filter((tag) => !/nomodule/i.test(tag));
  const sources = new Set(tags.map((tag) => /src="([^"]+)"/.exec(tag)?.[1]).filter(Boolean));
  let bytes = 0;
  for (const source of sources)
    bytes += gzipSync(Buffer.from(await (await fetch(address + source)).arrayBuffer())).length;
  return bytes / 1024;
}

async function largestRun(folder) {
  const { openStore } = require(join(root, 'libs/results/dist/index.js'));
  const store = await openStore(folder);
  // The first of every ten is a large one.
  const { runs } = await store.runs.list({ descending: false, limit: 1 });
  const [model] = await store.models.ofRun(runs[0].id);
  await store.close();
  return { id: runs[0].id, artifact: model.artifact };
}

async function answering(address) {
  for (let attempt = 0; attempt < 300; attempt++) {
    try {
      await fetch(`${address}/icon.svg`);
      return;
    } catch {
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  throw new Error('The dashboard did not start.');
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
