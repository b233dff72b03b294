import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { siteFiles, type SiteOptions } from '@rampart/reports';
import type { RunRecord, Store } from '@rampart/results';

import { writeNew } from './write-new';

/**
 * Writes a run as a folder of pages that open from disk. It is there whole, or not at all.
 * @throws RampartError `usage` where there is something at `folder` already, or it cannot be written
 */
export async function writeSite(folder: string, store: Store, run: RunRecord, options: SiteOptions): Promise<void> {
  const write = async (root: string) => {
    for (const { path, content } of await siteFiles(store, run, options)) {
      const file = join(root, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  };
  await writeNew(folder, write, '--out');
}
