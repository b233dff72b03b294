// `npm test`: installs what is missing, then lints, checks types, and runs every test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { noteBuilt, sourcesOf } from './built.mjs';
import { findChromium } from './chromium.mjs';
import { installDependencies, nxEnvironment, root } from './install.mjs';
import { OTHER_NODES, otherNode } from './other-nodes.mjs';

installDependencies();
const chromium = findChromium();

const folder = mkdtempSync(join(tmpdir(), 'rampart-test-'));
let passed = 0;
let failed = 0;
const started = Date.now();
/** Seconds of each part, and of each suite of tests. */
const parts = [];
const suites = [];

/**
 * Runs one part of the checks. Several may run beside each other: what one says is shown when it ends, and at once where
 * it is `live`.
 * @returns whether it succeeded
 */
async function check(title, args, { node = process.execPath, live = false } = {}) {
  const log = join(folder, `${title.replaceAll(/\W+/g, '-')}.log`);
  const output = live ? 'inherit' : openSync(log, 'w');
  if (live) console.log(`\n=== ${title}`);
  const start = Date.now();
  const child = spawn(node, args, {
    cwd: root,
    stdio: ['ignore', output, output],
    env: { ...nxEnvironment(), RAMPART_CHROMIUM: chromium },
  });
  const [status] = await once(child, 'close');
  parts.push([title, seconds(start, Date.now())]);
  if (!live) {
    closeSync(output);
    console.log(`\n=== ${title}\n${readFileSync(log, 'utf8')}`);
  }
  return status === 0;
}

const seconds = (start, end) => Math.round((end - start) / 1000);

function count(ok) {
  if (ok) passed++;
  else failed++;
}

/** A part without tests of its own counts as one. */
async function counted(...part) {
  const ok = await check(...part);
  count(ok);
  return ok;
}

const setup = (name) => join(root, 'tools/setup', name);
const nx = (...targets) => [
  join(root, 'node_modules/nx/dist/bin/nx.js'),
  ...['run-many', '--output-style=static', '-t', ...targets],
];
const jest = join(root, 'node_modules/jest/bin/jest.js');
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** What depends on the version of Node most: native modules, typed arrays, files. */
const NEAR_TO_NODE = ['libs/core', 'libs/onnx/src/runtime', 'libs/onnx/src/wire', 'libs/training', 'libs/results'];

/** Suites that the table of the longest names. */
const LONGEST = 20;

/** Runs Jest and adds its counts up. */
async function tests(title, args, node) {
  const report = join(folder, `${title.replaceAll(' ', '-')}.json`);
  // Jest leaves a processor idle unless it is told not to.
  const all = [jest, ...args, '--ci', '--maxWorkers=100%', '--json', `--outputFile=${report}`];
  const ok = await check(title, all, { node, live: true });
  if (!existsSync(report)) return count(false);
  const { numPassedTests, numFailedTests, numFailedTestSuites, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  for (const { name, startTime, endTime } of testResults) {
    suites.push([relative(root, name), seconds(startTime, endTime)]);
  }
  passed += numPassedTests;
  // A suite that cannot even start has no tests to fail.
  failed += Math.max(numFailedTests, numFailedTestSuites, ok ? 0 : 1);
}

/** What is got from outside; the suites that need what is not to be had are skipped. */
async function fromOutside() {
  if (!(await check("tfjs-node's native library", [setup('tfjs-node.mjs')]))) {
    console.log('The specs that need it are skipped; tfjs runs on WebAssembly in all others.');
  }
  if (!(await check('the S3 gateway', [setup('s3-gateway.mjs')]))) {
    console.log('Go cannot build an S3 gateway here: the suites that need it are skipped.');
  }
  await check('other versions of Node', [setup('other-nodes.mjs')]);
}

try {
  // No test runs yet whose clock would suffer: as much goes on side by side as can.
  const outside = fromOutside();
  const from = sourcesOf(root);
  const built = await counted('build', nx('build'));
  await Promise.all([
    counted('lint and types', nx('lint', 'typecheck')),
    counted('format', [join(root, 'node_modules/prettier/bin/prettier.cjs'), '--check', '.', '--log-level=warn']),
    built && counted('types of the tests', [tsc, '--project', 'test/tsconfig.json']),
    outside,
  ]);
  // What Nx does from here on would take files away from commands that tests run.
  if (built) noteBuilt(root, from);
  // One Jest for all suites, so that short ones fill the time in which the last long ones keep one processor busy.
  const config = ['--config', built ? 'test/every-suite.config.cjs' : 'jest.config.cjs'];
  await tests(built ? 'all suites' : 'unit tests', config);
  for (const version of OTHER_NODES) {
    const node = otherNode(version);
    if (!node) {
      console.log(`\nNode ${version} is not to be had for ${process.platform} on ${process.arch}: not tested on it.`);
      continue;
    }
    await tests(`suites on Node ${version}`, [...config, ...NEAR_TO_NODE, ...(built ? ['test/node'] : [])], node);
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
