// `npm test`: installs what is missing, then lints, checks types, and runs every test.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findChromium } from './chromium.mjs';
import { installDependencies, nxEnvironment, root } from './install.mjs';
import { OTHER_NODES, otherNode } from './other-nodes.mjs';

installDependencies();
const chromium = findChromium();

const folder = mkdtempSync(join(tmpdir(), 'rampart-test-'));
let passed = 0;
let failed = 0;
const started = Date.now();

/** Runs one part of the checks; a part without tests of its own counts as one. */
function check(title, args, node = process.execPath) {
  console.log(`\n=== ${title}`);
  const { status } = spawnSync(node, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...nxEnvironment(), RAMPART_CHROMIUM: chromium },
  });
  return status === 0;
}

function count(ok) {
  if (ok) passed++;
  else failed++;
}

const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
const jest = join(root, 'node_modules/jest/bin/jest.js');

/** What depends on the version of Node most: native modules, typed arrays, files. */
const NEAR_TO_NODE = ['libs/core', 'libs/onnx/src/runtime', 'libs/onnx/src/wire', 'libs/training', 'libs/results'];

/** Runs Jest and adds its counts up. */
function tests(title, args, node) {
  const report = join(folder, `${title.replaceAll(' ', '-')}.json`);
  const ok = check(title, [jest, ...args, '--json', `--outputFile=${report}`], node);
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
  // Jest leaves a processor idle unless it is told not to.
  tests('unit tests', ['--config', 'jest.config.cjs', '--ci', '--maxWorkers=100%']);
  if (built) tests('integration and browser tests', ['--config', 'test/jest.config.cjs', '--ci', '--runInBand']);
  for (const version of OTHER_NODES) {
    const node = otherNode(version);
    if (!node) {
      console.log(`\nNode ${version} is not to be had for ${process.platform} on ${process.arch}: not tested on it.`);
      continue;
    }
    tests(
      `unit tests on Node ${version}`,
      ['--config', 'jest.config.cjs', '--ci', '--maxWorkers=100%', ...NEAR_TO_NODE],
      node,
    );
    if (built) tests(`a run on Node ${version}`, ['--config', 'test/jest.config.cjs', '--ci', 'test/node'], node);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${Math.round((Date.now() - started) / 1000)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
