import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The versions of Node that are tested beside the one that runs the tests: the newest of each supported line. */
export const OTHER_NODES = ['22.23.3', '24.21.0'].filter(
  (version) => version.split('.')[0] !== process.versions.node.split('.')[0],
);

/**
 * A Node of another version, from npm's packages of its binaries, kept for this user.
 * @returns the path of its program; undefined where npm has none for this platform or cannot be reached
 */
export function otherNode(version) {
  const name = `node-${process.platform}-${process.arch}`;
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'rampart', `${name}-${version}`);
  const program = join(folder, 'node_modules', name, 'bin/node');
  if (!existsSync(program)) {
    mkdirSync(dirname(folder), { recursive: true });
    const work = mkdtempSync(`${folder}-`);
    const { status } = spawnSync(
      'npm',
      ['install', '--prefix', work, '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', `${name}@${version}`],
      { stdio: 'ignore' },
    );
    if (status !== 0) {
      rmSync(work, { recursive: true, force: true });
      return undefined;
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  }
  return spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${version}` ? program : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) OTHER_NODES.forEach(otherNode);
