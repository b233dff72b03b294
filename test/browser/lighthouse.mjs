// `npm run lighthouse -- STORE`: Lighthouse's accessibility and best practices on every page over a store that runs
// have filled, in the system's Chromium, as on a phone and as on a desk. Ends with 1 where a page has less than 100.
// Lighthouse is some 185 MB of packages, so that npx fetches it rather than the lock file; this is the last version for
// Node 20.
import { spawnSync } from 'node:child_process';

import { chromiumPath, pagesOf, serve } from './over-store.mjs';

const LIGHTHOUSE = 'lighthouse@12.8.2';
const CATEGORIES = ['accessibility', 'best-practices'];

const [storeFolder] = process.argv.slice(2);
if (!storeFolder) {
  console.error('Usage: npm run lighthouse -- STORE');
  process.exit(2);
}
const pages = await pagesOf(storeFolder);
const server = await serve(storeFolder);
let faulty = 0;
try {
  for (const device of ['phone', 'desk']) {
    for (const [name, path] of Object.entries(pages)) {
      const { categories, audits } = judge(server.address + path, device);
      const scores = CATEGORIES.map((one) => `${one} ${Math.round(100 * categories[one].score)}`);
      console.log(`${name}, ${device}: ${scores.join(', ')}`);
      const faults = CATEGORIES.flatMap((one) => categories[one].auditRefs)
        .filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 1)
        .map(({ id }) => audits[id]);
      faulty += faults.length;
      for (const { id, title, details } of faults) {
        const where = details?.items?.map(({ node, description }) => node?.selector ?? description).filter(Boolean);
        console.log(`  ${id}: ${title}${where?.length ? `: ${where.slice(0, 3).join('; ')}` : ''}`);
      }
    }
  }
} finally {
  server.stop();
}
console.log(faulty === 0 ? '100 on every page.' : `${faulty} audits failed.`);
process.exitCode = faulty === 0 ? 0 : 1;

function judge(address, device) {
  const { status, stdout, stderr } = spawnSync(
    'npx',
    [
      ...['--yes', LIGHTHOUSE, address, '--quiet', '--output=json', '--output-path=stdout'],
      `--only-categories=${CATEGORIES.join()}`,
      '--chrome-flags=--headless=new --no-sandbox --disable-gpu --no-first-run',
      ...(device === 'desk' ? ['--preset=desktop'] : []),
    ],
    { encoding: 'utf8', env: { ...process.env, CHROME_PATH: chromiumPath() }, maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(`Lighthouse failed on ${address}: ${stderr.trim().slice(-2000)}`);
  return JSON.parse(stdout);
}
