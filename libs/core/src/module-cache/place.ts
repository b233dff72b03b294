import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, sep } from 'node:path';

/** Where modules of one installation are kept together. */
export interface Place {
  /** The folder of what npm installed, with a separator. */
  readonly root: string;
  /** Changes when npm installs something. */
  readonly installed: string;
  readonly folder: string;
  /** The text of the modules. */
  readonly text: string;
  /** Which modules they are. */
  readonly index: string;
}

/**
 * @param from a folder of the installation
 * @returns undefined where npm did not install it: nobody can say then when it changes
 */
export function placeOf(from: string): Place | undefined {
  for (let above = from; dirname(above) !== above; above = dirname(above)) {
    const installed = stampOf(join(above, 'node_modules/.package-lock.json'));
    if (installed === undefined) continue;
    const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'rampart', 'modules');
    const name = join(folder, from.replaceAll(/[^\w.-]+/g, '-').slice(-150));
    return { root: above + sep, installed, folder, text: `${name}.js`, index: `${name}.json` };
  }
  return undefined;
}

/** Tells a file from what it was: when it changed last, and its size; undefined where it is none. */
export function stampOf(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() ? `${stats.mtimeMs} ${stats.size}` : undefined;
}

/** Whether a file is there, and nobody but this user may have written it. */
export function isOwn(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) return false;
  return process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0);
}
