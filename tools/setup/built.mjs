// Whether the projects are built from the sources that are here. Nx knows too, but copies from its cache even so, and
// takes files away from commands that run meanwhile.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const STAMP = '.nx/built-from';
const TOP = ['package.json', 'package-lock.json', 'nx.json', 'tsconfig.base.json', 'tsconfig.json'];
const GROUPS = ['libs', 'apps'];
/** What is made. */
const MADE = new Set(['node_modules', 'dist', '.next', '.nx', 'out-tsc', 'next-env.d.ts']);

/**
 * Notes that all projects have been built.
 * @param from what `sourcesOf` said before
 */
export function noteBuilt(root, from) {
  mkdirSync(dirname(join(root, STAMP)), { recursive: true });
  writeFileSync(join(root, STAMP), from);
}

/** Whether what was noted still holds: nobody has changed a source since, or built anything from others. */
export function isBuilt(root) {
  const stamp = join(root, STAMP);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== sourcesOf(root)) return false;
  const { mtimeMs } = statSync(stamp);
  return signsOfBuilds(root).every((file) => existsSync(file) && statSync(file).mtimeMs <= mtimeMs);
}

/** A hash of all that builds depend on. */
export function sourcesOf(root) {
  const hash = createHash('sha256');
  const add = (path) =>
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  for (const file of TOP) add(file);
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).sort(byName)) {
      const path = `${folder}/${entry.name}`;
      if (MADE.has(entry.name) || entry.name.endsWith('.tsbuildinfo')) continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) add(path);
    }
  };
  for (const group of GROUPS) walk(group);
  return hash.digest('hex');
}

/** What every build of a project writes last. */
function signsOfBuilds(root) {
  const libraries = readdirSync(join(root, 'libs'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [
    ...libraries.map(({ name }) => join(root, 'libs', name, 'dist/tsconfig.lib.tsbuildinfo')),
    join(root, 'apps/trainer/dist/tsconfig.lib.tsbuildinfo'),
    join(root, 'apps/dashboard/.next/BUILD_ID'),
  ];
}

const byName = (a, b) => (a.name < b.name ? -1 : 1);
