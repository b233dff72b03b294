import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

import type { Files } from './listing';

/** The files below a folder, as they are on the disc. */
export function discFiles(root: string): Files {
  return {
    list: (folder) =>
      existsSync(join(root, folder))
        ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => relative(join(root, folder), join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
            .sort()
        : [],
    read: (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined),
  };
}
