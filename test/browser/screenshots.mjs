// Takes the pictures of the README: every page over a store, wide and light, the matrix also dark and narrow.
//   node test/browser/screenshots.mjs STORE [FOLDER]
// The store is one that runs have filled, and the pictures are of the latest: of one without threats those of every
// page, of one with threats those of its robustness. They go to docs/images.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const require = createRequire(import.meta.url);
const [storeFolder, outFolder = join(root, 'docs/images')] = process.argv.slice(2);
if (!storeFolder) {
  console.error('Usage: node test/browser/screenshots.mjs STORE [FOLDER]');
  process.exit(2);
}
mkdirSync(outFolder, { recursive: true });

const { openStore } = require(join(root, 'libs/results/dist/index.js'));
const store = await openStore(resolve(storeFolder));
const { runs } = await store.runs.list({ state: 'done' });
const threatened = new Set((await store.robustness.ofRuns(runs.map(({ id }) => id))).map(({ runId }) => runId));
const plain = runs.find(({ id }) => !threatened.has(id));
const robust = runs.find(({ id }) => threatened.has(id));
const pages = [...(plain ? await pagesOf(plain) : []), ...(robust ? robustnessPages(robust) : [])];
await store.close();

async function firstInstances(run) {
  const cells = await store.cells.ofRun(run.id, { mode: 'adaptive', metric: 'error-rate' });
  const evaluations = cells.filter((cell) => cell.attack !== 'worst-case').map((cell) => cell.evaluateStep);
  return (await store.instances.page({ evaluateSteps: evaluations, outcome: 'evaded', limit: 1 })).instances;
}

async function pagesOf(run) {
  const defended = (await store.models.ofRun(run.id)).at(-1);
  const [instance] = await firstInstances(run);
  const losses = await store.curves.ofRun(run.id, 'attack-loss');
  const at = `/runs/${run.id}`;
  const cell = new URLSearchParams({ model: defended.label, attack: 'cg' });
  return [
    ['runs', '/runs'],
    ['matrix', at],
    ['matrix-dark', at, { theme: 'dark' }],
    ['matrix-phone', at, { width: 390 }],
    ['cell', `${at}?${cell}`, { width: 1440 }],
    ['curves', `${at}/curves`],
    ...(losses.length > 0 ? [['attack-loss', `${at}/curves?diagram=attack-loss&attack=cg`]] : []),
    ['gallery', `${at}/gallery?outcome=evaded`],
    ['image', `${at}/gallery/${instance.testIndex}`],
    ['log', `${at}/log`],
    ['models', `${at}/models`],
    ['model', `/models/${defended.artifact}`],
    ['compare', `/compare?runs=${run.id}`],
    ['swap-in', '/swap-in'],
  ];
}

function robustnessPages({ id }) {
  return [
    ['robustness', `/runs/${id}`],
    ['robustness-curves', `/runs/${id}/curves`],
  ];
}

const server = spawn(
  process.execPath,
  [join(root, 'apps/trainer/bin/rampart.cjs'), 'dashboard', '--store', resolve(storeFolder), '--port', '0'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const address = await new Promise((done) => {
  createInterface({ input: server.stdout }).on('line', (line) => {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (found) done(found);
  });
});
const executablePath = [process.env.RAMPART_CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (file) => file && existsSync(file),
);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
try {
  for (const [name, path, { width = 1280, theme = 'light' } = {}] of pages) {
    const context = await browser.newContext({ viewport: { width, height: 820 }, colorScheme: theme });
    const page = await context.newPage();
    await page.goto(address + path, { waitUntil: 'networkidle' }).catch(() => undefined);
    await page.waitForTimeout(600);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const clip = { x: 0, y: 0, width, height: Math.min(height, width < 500 ? 1400 : 1100) };
    await page.screenshot({ path: join(outFolder, `${name}.png`), fullPage: true, clip });
    console.log(`${name}.png ${path}`);
    await context.close();
  }
} finally {
  await browser.close();
  server.kill('SIGINT');
}
