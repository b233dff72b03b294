// `npm test`: installs what is missing, then lints, checks types, and runs every test.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findChromium } from './chromium.mjs';
import { installDependencies, nxEnvironment, root } from './install.mjs';

installDependencies();
const chromium = findChromium();

const folder = mkdtempSync(join(tmpdir(), 'rampart-test-'));
let passed = 0;
let failed = 0;
const started = Date.now();

/** Runs one part of the checks; a part without tests of its own counts as one. */
function check(title, args, environment = {}) {
  console.log(`\n=== ${title}`);
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...nxEnvironment(), RAMPART_CHROMIUM: chromium, ...environment },
  });
  return status === 0;
}

function count(ok) {
  if (ok) passed++;
  else failed++;
}

const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
const jest = join(root, 'node_modules/jest/bin/jest.js');

/** Runs Jest and adds its counts up. */
function tests(title, args) {
  const report = join(folder, `${title.replaceAll(' ', '-')}.json`);
  const ok = check(title, [jest, ...args, '--json', `--outputFile=${report}`]);
  if (!existsSync(report)) return count(false);
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
  passed += numPassedTests;
  // A suite that cannot even start has no tests to fail.
  failed += Math.max(numFailedTests, numFailedTestSuites, ok ? 0 : 1);
}

try {
  count(check('format', [join(root, 'node_modules/prettier/bin/prettier.cjs'), '--check', '.', '--log-level=warn']));
  const built = check('build', [nx, 'run-many', '-t', 'build', '--output-style=static']);
  count(built);
  count(check('lint', [nx, 'run-many', '-t', 'lint', '--output-style=static']));
  count(check('types', [nx, 'run-many', '-t', 'typecheck', '--output-style=static']));
  if (!check("tfjs-node's native library", [join(root, 'tools/setup/tfjs-node.mjs')])) {
    console.log('The specs that need it are skipped; tfjs runs on WebAssembly in all others.');
  }
  tests('unit tests', ['--config', 'jest.config.cjs', '--ci']);
  if (built) tests('integration and browser tests', ['--config', 'test/jest.config.cjs', '--ci', '--runInBand']);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${Math.round((Date.now() - started) / 1000)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
