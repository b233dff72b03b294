import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from '../integration/rampart';

/** What a command said and how it ended. */
export interface Said {
  readonly status: number | null;
  readonly stdout: string;
  /** Both streams. */
  readonly said: string;
}

/** A workspace in a folder of its own. */
export interface Workspace {
  readonly folder: string;
  /** Runs a command line at its top. */
  shell(command: string): Said;
}

/** The workspace as somebody has it who cloned, installed and built it, without this one's caches. */
export function freshWorkspace(folder: string): Workspace {
  const skipped = new Set(['node_modules', '.git', '.nx', '.next', '.rampart', 'test', 'tmp', '.ci']);
  cpSync(ROOT, folder, {
    recursive: true,
    preserveTimestamps: true,
    filter: (source) => source === ROOT || !skipped.has(path.basename(source)),
  });
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, '@rampart'), { recursive: true });
  for (const name of readdirSync(path.join(ROOT, 'node_modules'))) {
    if (name !== '@rampart') symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  }
  for (const group of ['libs', 'apps', 'tools']) {
    for (const name of readdirSync(path.join(folder, group))) {
      const own = path.join(folder, group, name);
      // What only one project needs in its own version lies beside it.
      const nested = path.join(ROOT, group, name, 'node_modules');
      if (existsSync(nested)) symlinkSync(nested, path.join(own, 'node_modules'));
      symlinkSync(own, path.join(modules, '@rampart', name));
    }
  }
  return { folder, shell: (command) => shell(command, folder) };
}

/** Runs a command line, without colours; Nx without its daemon, so that nothing is left running. */
export function shell(command: string, cwd: string = ROOT): Said {
  const { stdout, stderr, status } = spawnSync('bash', ['-ec', command], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', CI: 'true', FORCE_COLOR: '0' },
  });
  return { status, stdout, said: stdout + stderr };
}

/** Expects a script of the workspace to find nothing to bring up to date. */
export function expectUpToDate(script: 'docs' | 'api-reports' | 'contributing'): void {
  const { stdout, said, status } = shell(`npm run -s ${script} -- --check`);
  // Out of date? npm run SCRIPT, and commit what changes.
  expect({ stdout, errors: status === 0 ? '' : said }).toEqual({ stdout: '', errors: '' });
}
