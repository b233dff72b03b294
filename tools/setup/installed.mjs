import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where npm notes what it has installed, once all of it is there. */
const RECORD = 'node_modules/.package-lock.json';

/**
 * The packages of the lock file that an installation lacks or has in another version.
 * @param folder the top of the workspace
 * @returns their paths, such as `node_modules/zod`; optional packages only where they are made for this system
 */
export function missingPackages(folder) {
  const installed = existsSync(join(folder, RECORD)) ? packagesOf(join(folder, RECORD)) : {};
  return Object.entries(packagesOf(join(folder, 'package-lock.json')))
    .filter(([path, locked]) => {
      if (!path.includes('node_modules/') || (locked.optional && !isMadeForHere(locked))) return false;
      const found = installed[path];
      if (!found || !existsSync(join(folder, path))) return true;
      return !locked.link && (found.version !== locked.version || found.integrity !== locked.integrity);
    })
    .map(([path]) => path);
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** Whether an optional package names this system among those that it is for; one that names none may be left out. */
function isMadeForHere({ os, cpu, libc }) {
  if (!os || !cpu) return false;
  return allows(os, process.platform) && allows(cpu, process.arch) && (!libc || libc.includes(libcHere()));
}

/** As npm reads these lists: a name with "!" is one that is not supported. */
function allows(list, name) {
  return list.includes(name) || (list.every((item) => item.startsWith('!')) && !list.includes(`!${name}`));
}

let libcFound;

function libcHere() {
  // Without it, the report looks up the names of all open connections.
  process.report.excludeNetwork = true;
  libcFound ??= process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
  return libcFound;
}
