import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the workspace. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

const stamp = join(root, 'node_modules', '.rampart-installed');

/** Runs a command with this terminal and ends the program with its exit code if it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Installs the dependencies of the lock file, unless they are there. */
export function installDependencies() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    console.error(`Rampart needs Node 20 or newer. Found ${process.version}.`);
    process.exit(1);
  }
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.error('Installing dependencies ...');
  // Not "npm ci": it refuses a lock file without the optional binaries of platforms that its registry did not have.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], { env: installEnvironment() });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

/** `npm start` hands its own settings down as variables; an install of ours is not to see them. */
function installEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_registry)/.test(name)));
}

/** Builds projects and what they need, through Nx, whose cache makes a second time instant. */
export function build(projects) {
  run(
    process.execPath,
    [
      join(root, 'node_modules/nx/dist/bin/nx.js'),
      'run-many',
      '-t',
      'build',
      '-p',
      projects.join(','),
      '--output-style=static',
    ],
    { env: nxEnvironment(), stdio: ['ignore', 2, 2] },
  );
}

export function nxEnvironment() {
  return { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false', NEXT_TELEMETRY_DISABLED: '1' };
}
