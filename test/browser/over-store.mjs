// What scripts that look at the dashboard over a store of real runs have in common: the server, the browser, the pages.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const require = createRequire(import.meta.url);

/** The system's Chromium, or that of RAMPART_CHROMIUM. */
export function chromiumPath() {
  const candidates = [process.env.RAMPART_CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'];
  const found = candidates.find((file) => file && existsSync(file));
  if (!found) throw new Error('There is no Chromium: name it in RAMPART_CHROMIUM.');
  return found;
}

/** Serves a store; gives the address and a function that ends it. */
export async function serve(storeFolder) {
  const cli = join(root, 'apps/trainer/bin/rampart.cjs');
  const args = [cli, 'dashboard', '--store', resolve(storeFolder), '--port', '0'];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const address = await new Promise((done, failed) => {
    server.once('exit', () => failed(new Error('The dashboard did not start.')));
    createInterface({ input: server.stdout }).on('line', (line) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (found) done(found);
    });
  });
  return { address, stop: () => server.kill('SIGINT') };
}

/** Every page over the latest runs that are done, one without threats and one with: by name, its address. */
export async function pagesOf(storeFolder) {
  const { openStore } = require(join(root, 'libs/results/dist/index.js'));
  const store = await openStore(resolve(storeFolder), { readOnly: true });
  try {
    const { runs } = await store.runs.list({ state: 'done' });
    const threatened = new Set((await store.robustness.ofRuns(runs.map(({ id }) => id))).map(({ runId }) => runId));
    const plain = runs.find(({ id }) => !threatened.has(id));
    const robust = runs.find(({ id }) => threatened.has(id));
    return {
      runs: '/runs',
      leaderboard: '/leaderboard',
      models: '/models',
      workers: '/workers',
      'swap-in': '/swap-in',
      ...(plain && (await plainPages(store, plain.id))),
      ...(robust && robustPages(robust.id)),
    };
  } finally {
    await store.close();
  }
}

async function plainPages(store, id) {
  const defended = (await store.models.ofRun(id)).at(-1);
  const cells = await store.cells.ofRun(id, { mode: 'adaptive', metric: 'error-rate' });
  const attacks = cells.filter(({ attack }) => attack !== 'worst-case');
  const evaluateSteps = attacks.map(({ evaluateStep }) => evaluateStep);
  const [instance] = (await store.instances.page({ evaluateSteps, outcome: 'evaded', limit: 1 })).instances;
  const { attack } = attacks.find((cell) => cell.attack === 'cg') ?? attacks.at(-1);
  const at = `/runs/${id}`;
  const cell = new URLSearchParams({ model: defended.label, attack });
  return {
    matrix: at,
    cell: `${at}?${cell}`,
    curves: `${at}/curves`,
    'attack-loss': `${at}/curves?diagram=attack-loss`,
    gallery: `${at}/gallery?outcome=evaded`,
    ...(instance && { image: `${at}/gallery/${instance.testIndex}?attack=${encodeURIComponent(attack)}` }),
    log: `${at}/log`,
    'models-of-a-run': `${at}/models`,
    model: `/models/${defended.artifact}`,
    experiment: `/experiment?run=${id}`,
    compare: `/compare?runs=${id}`,
  };
}

function robustPages(id) {
  return { robustness: `/runs/${id}`, 'robustness-curves': `/runs/${id}/curves` };
}
