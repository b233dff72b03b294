// `npm run bench [NAME ...]`: every benchmark of this folder, or those named. Each prints a table of medians and
// ratios; the two sides of a ratio take turns, so that it holds on a machine whose speed drifts.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build, installDependencies } from '../../tools/setup/install.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
installDependencies();
build({ dashboard: false });

const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.mjs'))
  .map((file) => file.slice(0, -'.bench.mjs'.length));
const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : names) {
  if (!names.includes(name)) {
    console.error(`Unknown benchmark "${name}". Known: ${names.join(', ')}.`);
    process.exit(2);
  }
  console.log(`\n# ${name}`);
  const { default: bench } = await import(join(folder, `${name}.bench.mjs`));
  await bench();
}
