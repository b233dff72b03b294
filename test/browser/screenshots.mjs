// Takes the pictures of the documentation: pages over a store, wide and light, the matrix also dark and narrow.
//   node test/browser/screenshots.mjs STORE [FOLDER]
// The store is one that runs have filled, and the pictures are of the latest: of one without threats those of every
// page, of one with threats those of its robustness. They go to docs/images.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { chromiumPath, pagesOf, root, serve } from './over-store.mjs';

const [storeFolder, outFolder = join(root, 'docs/images')] = process.argv.slice(2);
if (!storeFolder) {
  console.error('Usage: node test/browser/screenshots.mjs STORE [FOLDER]');
  process.exit(2);
}
mkdirSync(outFolder, { recursive: true });

/** Pages that the documentation does without. */
const LEFT_OUT = ['workers', 'attack-loss', 'models-of-a-run'];
/** Pages that are not taken as the others are. */
const LOOKS = { cell: { width: 1440 }, image: { height: 1700 } };

const pages = await pagesOf(storeFolder);
const pictures = Object.entries(pages)
  .filter(([name]) => !LEFT_OUT.includes(name))
  .map(([name, path]) => [name, path, LOOKS[name]]);
if (pages.matrix) {
  pictures.push(['matrix-dark', pages.matrix, { theme: 'dark' }], ['matrix-phone', pages.matrix, { width: 390 }]);
}
const server = await serve(storeFolder);
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
});
try {
  for (const [name, path, { width = 1280, height: most = 1100, theme = 'light' } = {}] of pictures) {
    const context = await browser.newContext({ viewport: { width, height: 820 }, colorScheme: theme });
    const page = await context.newPage();
    await page.goto(server.address + path, { waitUntil: 'load' });
    await page.waitForFunction(() => document.querySelector('.skeleton') === null);
    await page.waitForTimeout(600);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const clip = { x: 0, y: 0, width, height: Math.min(height, width < 500 ? 1400 : most) };
    await page.screenshot({ path: join(outFolder, `${name}.png`), fullPage: true, clip });
    console.log(`${name}.png ${path}`);
    await context.close();
  }
} finally {
  await browser.close();
  server.stop();
}
