// The dashboard over a store of 500 runs, 100,000 cells and 1 million attacked instances: what a warm server takes to
// answer each page, when a browser shows its first content and what it loads for that, and what a filter takes.
//   npm run bench dashboard
// RAMPART_BENCH_STORE names a folder that the store is kept in, and read from the next time.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import Table from 'cli-table3';
import { chromium } from 'playwright-core';

import { build } from '../../tools/setup/install.mjs';
import { chromiumPath } from '../browser/over-store.mjs';
import { runSource } from './run-source.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const require = createRequire(import.meta.url);
const RUNS = 500;
const REQUESTS = 21;
const VISITS = 9;
const LETTERS = 20;
/** Rows that a filter is measured on, at least. */
const ROWS = 500;
/** Milliseconds at the median that a page, the gallery's next page and a filter may take; kilobytes of its scripts. */
const LIMITS = { page: 300, next: 200, filter: 50, scripts: 350 };

export default async function dashboardBench() {
  const kept = process.env.RAMPART_BENCH_STORE;
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  let server;
  try {
    // With the API that it serves; Nx knows whether there is anything to do.
    build({ dashboard: true });
    if (!existsSync(join(folder, 'rampart.db'))) {
      console.log(`Filling a store with ${RUNS} runs; this takes a few minutes ...`);
      runSource('test/store/fill-store.ts', [folder, '--runs', String(RUNS)], 'ignore');
    }
    const port = await freePort();
    const next = require.resolve('next/dist/bin/next', { paths: [join(root, 'apps/dashboard')] });
    server = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', String(port)], {
      cwd: join(root, 'apps/dashboard'),
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', RAMPART_STORE: folder },
      stdio: 'ignore',
    });
    const address = `http://127.0.0.1:${port}`;
    await answering(address);
    await report(address, await subjects(folder));
  } finally {
    server?.kill('SIGKILL');
    if (!kept) rmSync(folder, { recursive: true, force: true });
  }
}

async function report(address, subject) {
  const head = ['page', 'answer', 'slowest', 'first content', 'slowest', 'scripts'];
  const table = new Table({ head, style: { head: [], border: [] } });
  const late = [];
  const add = (name, figures, limit, scripts) => {
    const cells = figures.flatMap(({ median, slowest }) => [`${median.toFixed(0)} ms`, `${slowest.toFixed(0)} ms`]);
    table.push([name, ...cells, ...Array(4 - cells.length).fill(''), scripts ? `${scripts.toFixed(0)} kB` : '']);
    if (figures.some(({ median }) => median > limit) || scripts > LIMITS.scripts) late.push(name);
  };
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox', '--disable-gpu'] });
  try {
    for (const [name, path] of Object.entries(pagesOf(subject))) {
      const answer = await time(address, path);
      const { content, scripts } = await visit(browser, address, path);
      add(name, [answer, content], LIMITS.page, scripts);
    }
    const next = (i) => `gallery.page?input=${input({ id: subject.large, mode: 'adaptive', page: i + 2 })}`;
    add("gallery's next page", [await time(address, (i) => `/api/trpc/${next(i)}`)], LIMITS.next);
    const found = (i) => `runs.list?input=${input({ search: `paper ${i}` })}`;
    add('runs, a filter answered', [await time(address, (i) => `/api/trpc/${found(i)}`)], LIMITS.filter);
    for (const [name, figure] of Object.entries(await timeFilter(browser, address, subject))) {
      add(name, [figure], LIMITS.filter);
    }
  } finally {
    await browser.close();
  }
  console.log(table.toString());
  console.log(late.length === 0 ? 'All within their limits.' : `Beyond their limits: ${late.join(', ')}.`);
}

/** Every place of the site, in the forms that ask for most; of a page with numbers each time another one. */
function pagesOf({ large, threatened, others, artifact }) {
  return {
    '/runs': (i) => `/runs?page=${(i % 10) + 1}`,
    '/runs, ranked': (i) => `/runs?order=robust-accuracy&page=${(i % 10) + 1}`,
    '/runs, searched': (i) => `/runs?search=paper+${i}`,
    matrix: () => `/runs/${large}`,
    'matrix, a cell open': () => `/runs/${large}?model=lenet5&attack=cg`,
    curves: () => `/runs/${large}/curves`,
    'attack loss': () => `/runs/${large}/curves?diagram=attack-loss`,
    gallery: (i) => `/runs/${large}/gallery?page=${i + 1}`,
    'gallery, filtered': (i) => `/runs/${large}/gallery?outcome=evaded&page=${i + 1}`,
    'one image': (i) => `/runs/${large}/gallery/${2 * i}`,
    'models of a run': () => `/runs/${large}/models`,
    log: () => `/runs/${large}/log`,
    'threats of a run': () => `/runs/${threatened}`,
    'its matrix': () => `/runs/${threatened}/matrix`,
    'its curves': () => `/runs/${threatened}/curves`,
    '/models': (i) => `/models?page=${i + 1}`,
    '/models, searched': (i) => `/models?search=${['rad', 'iaec', 'lenet5'][i % 3]}`,
    'a model': () => `/models/${artifact}`,
    compare: () => `/compare?runs=${large}`,
    'compare four runs': () => `/compare?runs=${[large, ...others].join(',')}`,
    leaderboard: () => '/leaderboard',
    'at an epsilon': (i) => `/leaderboard?norm=linf&epsilon=${(i + 1) / 100}`,
    'whatever the distance': () => '/leaderboard?threat=any',
    experiment: () => `/experiment?run=${large}`,
    'swap in': () => '/swap-in',
    workers: () => '/workers',
  };
}

/** From asking for a page to the end of its answer. */
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

/**
 * From asking for a page to the first content that is painted of it, by a browser that has been there before, and the
 * kilobytes, compressed, of the scripts that it has loaded once it does nothing more.
 */
async function visit(browser, address, path) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const times = [];
    let scripts = 0;
    for (let i = 0; i <= VISITS; i++) {
      await page.goto(address + path(i), { waitUntil: i === 0 ? 'networkidle' : 'load' });
      const seen = await page.evaluate(
        () =>
          new Promise((done) => {
            const observer = new PerformanceObserver((list) => {
              const first = list.getEntriesByName('first-contentful-paint')[0];
              if (!first) return;
              const loaded = performance.getEntriesByType('resource').filter(({ name }) => /\.js(\?|$)/.test(name));
              done({ content: first.startTime, bytes: loaded.reduce((sum, one) => sum + one.encodedBodySize, 0) });
            });
            observer.observe({ type: 'paint', buffered: true });
          }),
      );
      if (i === 0) scripts = seen.bytes / 1024;
      else times.push(seen.content);
    }
    return { content: summed(times), scripts };
  } finally {
    await context.close();
  }
}

function summed(times) {
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(times.length / 2)], slowest: times.at(-1) };
}

/**
 * From what is typed into the leaderboard's search, and taken away again, to the painted rows that it leaves: as the
 * page comes, and with all of its rows drawn, as for somebody who has read down to its end.
 */
async function timeFilter(browser, address, { facet }) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    const { dataset, threat = 'any', models } = facet;
    const query = new URLSearchParams({ dataset, threat });
    const result = {};
    for (const drawn of ['as they come', 'all drawn']) {
      await page.goto(`${address}/leaderboard?${query}`, { waitUntil: 'networkidle' });
      const rows = page.locator('tbody tr');
      await page.evaluate(observeFilter);
      const times = [];
      for (let turn = 0; turn < LETTERS; turn++) {
        for (let now = 0; drawn === 'all drawn' && turn % 2 === 0 && now < models; now = await rows.count()) {
          await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
          await page.waitForTimeout(50);
        }
        await page.locator('input[type=search]').focus();
        if (turn % 2 === 0) await page.keyboard.insertText('rad');
        else await page.keyboard.press('Backspace');
        times.push(await (await page.waitForFunction((one) => window.painted[one], turn)).jsonValue());
        // The address follows; what was typed goes as one.
        await page.waitForTimeout(300);
        await page.locator('input[type=search]').selectText();
      }
      result[`a filter on ${models} rows, ${drawn}`] = summed(times);
    }
    return result;
  } finally {
    await page.close();
  }
}

/** In the page: `painted` gets the milliseconds from each input to the first frame that shows other rows. */
function observeFilter() {
  window.painted = [];
  const onInput = ({ timeStamp }) => {
    const observer = new MutationObserver(() => {
      observer.disconnect();
      requestAnimationFrame(() => {
        // Comes after the frame that this is the beginning of.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => window.painted.push(performance.now() - timeStamp);
        port2.postMessage(undefined);
      });
    });
    observer.observe(document.querySelector('tbody'), { childList: true, subtree: true, characterData: true });
  };
  document.addEventListener('input', onInput, { capture: true });
}

function input(json) {
  return encodeURIComponent(JSON.stringify({ json }));
}

/** A large run, one with threats and three others, a model, and what the leaderboard ranks at least `ROWS` models of. */
async function subjects(folder) {
  const { openStore } = require(join(root, 'libs/results/dist/index.js'));
  const { createCaller } = require(join(root, 'libs/api/dist/index.js'));
  const store = await openStore(folder);
  try {
    // The first of every ten is a large one.
    const { runs } = await store.runs.list({ descending: false, limit: 4 });
    const [large, ...others] = runs.map(({ id }) => id);
    const [threatened] = (await store.robustness.ofRuns([large, ...others])).map(({ runId }) => runId);
    const [model] = await store.models.ofRun(large);
    const { facets } = await createCaller({ store }).leaderboard.rows({});
    const facet = facets.filter(({ models }) => models >= ROWS).sort((a, b) => a.models - b.models)[0];
    return { large, threatened, others, artifact: model.artifact, facet };
  } finally {
    await store.close();
  }
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
