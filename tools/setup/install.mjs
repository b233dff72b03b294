import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { isBuilt, noteBuilt, sourcesOf } from './built.mjs';
import { missingPackages } from './installed.mjs';
import { linkBuild } from './tfjs-node/build.mjs';

/** The top of the workspace. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Runs a command with this terminal and ends the program with its exit code if it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Installs exactly what the lock file has, unless it is there. */
export function installDependencies() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Rampart needs Node 20.19 or newer. Found ${process.version}.`);
    process.exit(1);
  }
  const missing = missingPackages(root);
  if (missing.length === 0) return;
  console.error(`Installing dependencies: ${missing.length} packages of the lock file are not here ...`);
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { env: installEnvironment() });
  // A new package of tfjs-node has no native library; one that was built for it before is put back.
  const { folder, version } = tfjsNode();
  if (existsSync(folder)) linkBuild(folder, version);
}

/** Where tfjs-node's package is, and the version of it that the lock file has. */
export function tfjsNode() {
  const path = 'node_modules/@tensorflow/tfjs-node';
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return { folder: join(root, path), version: packages[path].version };
}

/** `npm start` hands its own settings down as variables; an install of ours is not to see them. */
function installEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_registry)/.test(name)));
}

/** Builds all projects through Nx, the dashboard where it is wanted, unless they are built from what is here. */
export function build({ dashboard }) {
  if (isBuilt(root)) return;
  const from = sourcesOf(root);
  run(
    process.execPath,
    [
      join(root, 'node_modules/nx/dist/bin/nx.js'),
      'run-many',
      '-t',
      'build',
      '-p',
      dashboard ? '@rampart/trainer,@rampart/dashboard' : '@rampart/trainer',
      '--output-style=static',
    ],
    { env: nxEnvironment(), stdio: ['ignore', 2, 2] },
  );
  if (dashboard) noteBuilt(root, from);
}

export function nxEnvironment() {
  return { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false', NEXT_TELEMETRY_DISABLED: '1' };
}
