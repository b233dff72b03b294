// `npm test`: installs what is missing, then lints, checks types, and runs every test.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { findChromium } from './chromium.mjs';
import { installDependencies, nxEnvironment, root } from './install.mjs';
import { OTHER_NODES, otherNode } from './other-nodes.mjs';
import { s3Gateway } from './s3-gateway.mjs';

installDependencies();
const chromium = findChromium();

const folder = mkdtempSync(join(tmpdir(), 'rampart-test-'));
let passed = 0;
let failed = 0;
const started = Date.now();
/** Seconds of each part, and of each suite of tests. */
const parts = [];
const suites = [];

/** Runs one part of the checks; a part without tests of its own counts as one. */
function check(title, args, node = process.execPath) {
  console.log(`\n=== ${title}`);
  const start = Date.now();
  const { status } = spawnSync(node, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...nxEnvironment(), RAMPART_CHROMIUM: chromium },
  });
  parts.push([title, seconds(start, Date.now())]);
  return status === 0;
}

const seconds = (start, end) => Math.round((end - start) / 1000);

function count(ok) {
  if (ok) passed++;
  else failed++;
}

const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
const jest = join(root, 'node_modules/jest/bin/jest.js');
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** What depends on the version of Node most: native modules, typed arrays, files. */
const NEAR_TO_NODE = ['libs/core', 'libs/onnx/src/runtime', 'libs/onnx/src/wire', 'libs/training', 'libs/results'];

/** Suites that the table of the longest names. */
const LONGEST = 20;

/** Runs Jest and adds its counts up. */
function tests(title, args, node) {
  const report = join(folder, `${title.replaceAll(' ', '-')}.json`);
  const ok = check(title, [jest, ...args, '--json', `--outputFile=${report}`], node);
  if (!existsSync(report)) return count(false);
  const { numPassedTests, numFailedTests, numFailedTestSuites, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  for (const { name, startTime, endTime } of testResults) {
    suites.push([relative(root, name), seconds(startTime, endTime)]);
  }
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
  if (built) count(check('types of the tests', [tsc, '--project', 'test/tsconfig.json']));
  if (!check("tfjs-node's native library", [join(root, 'tools/setup/tfjs-node.mjs')])) {
    console.log('The specs that need it are skipped; tfjs runs on WebAssembly in all others.');
  }
  if (!s3Gateway()) console.log('Go cannot build an S3 gateway here: the suites that need it are skipped.');
  // Jest leaves a processor idle unless it is told not to.
  tests('unit tests', ['--config', 'jest.config.cjs', '--ci', '--maxWorkers=100%']);
  if (built) tests('integration and browser tests', ['--config', 'test/jest.config.cjs', '--ci', '--maxWorkers=2']);
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
// Not there before the dependencies are installed.
const { default: Table } = await import('cli-table3');
const longest = suites.toSorted(([, a], [, b]) => b - a).slice(0, LONGEST);
for (const [head, rows] of [
  ['part', parts],
  [`the ${longest.length} longest suites`, longest],
]) {
  const table = new Table({ head: [head, 's'], style: { head: [], border: [] } });
  table.push(...rows);
  console.log(`\n${table}`);
}
console.log(`\n${seconds(started, Date.now())} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
