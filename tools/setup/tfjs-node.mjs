// `npm run setup:tfjs-node`: gets the native library of tfjs-node, which npm's own install leaves out. Downloads the
// official one where it can be reached, else builds it from packages of PyPI and npm, once for this user.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { installDependencies, root, tfjsNode } from './install.mjs';
import { buildNative, cacheFolder, linkBuild, missingPieces } from './tfjs-node/build.mjs';

/** tfjs-node's install script downloads from here; whether it can be reached is seen at once. */
const OFFICIAL = process.env.TFJS_NODE_CDN_STORAGE ?? 'https://storage.googleapis.com/';
const PATIENCE_SECONDS = 5;

installDependencies();
const { folder, version } = tfjsNode();
const problems = [];

if ((await isReady()) || useBuild() || (await useOfficial()) || build()) {
  console.log('tfjs-node is ready: --engine tfjs uses it from now on.');
} else {
  console.error(`tfjs-node's native library could not be set up:\n${problems.map((line) => `- ${line}`).join('\n')}`);
  console.error('Rampart works without it: --engine onnx needs nothing more, --engine tfjs runs on WebAssembly.');
  process.exit(1);
}

/** Whether tfjs-node loads; a process of its own, as a library that was loaded once stays. */
function isReady() {
  const { status } = load();
  return status === 0;
}

function load() {
  // Later versions of Node have no util.isNullOrUndefined.
  const program = `require('node:util').isNullOrUndefined = (value) => value == null; require(${JSON.stringify(folder)})`;
  return spawnSync(process.execPath, ['-e', program], { cwd: root, encoding: 'utf8' });
}

/** Takes the build that this user has. */
function useBuild() {
  if (!linkBuild(folder, version)) return false;
  const { status, stderr } = load();
  if (status === 0) return true;
  problems.push(`The library in ${cacheFolder(version)} does not load: ${reasonIn(stderr)}`);
  return false;
}

async function useOfficial() {
  try {
    await fetch(OFFICIAL, { method: 'HEAD', signal: AbortSignal.timeout(1000 * PATIENCE_SECONDS) });
  } catch (error) {
    problems.push(`The official download: ${OFFICIAL} cannot be reached (${error.cause?.code ?? error.message}).`);
    return false;
  }
  for (const name of ['deps', 'lib']) rmSync(join(folder, name), { recursive: true, force: true });
  const { status } = spawnSync(
    'npm',
    ['rebuild', '@tensorflow/tfjs-node', '--ignore-scripts=false', '--foreground-scripts'],
    { cwd: root, stdio: 'inherit' },
  );
  const { status: loads, stderr } = load();
  if (loads === 0) return true;
  problems.push(`The official download: npm rebuild ended with ${status}, ${reasonIn(stderr)}`);
  return false;
}

function build() {
  const pieces = missingPieces();
  if (pieces.length > 0) {
    problems.push(...pieces);
    return false;
  }
  try {
    buildNative(folder, version);
  } catch (error) {
    problems.push(error.message);
    return false;
  }
  return useBuild();
}

/** The line that says what went wrong. */
function reasonIn(stderr) {
  const lines = stderr.split('\n');
  return lines.find((line) => /^\w*Error/.test(line)) ?? lines.find((line) => line.trim() !== '') ?? 'it says nothing.';
}
