import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ModelInfoFile } from '@rampart/reports';

/** Writes the files into a new folder. */
export async function writeModelInfo(folder: string, files: readonly ModelInfoFile[]): Promise<void> {
  for (const { folders, name, info } of files) {
    await mkdir(join(folder, ...folders), { recursive: true });
    await writeFile(join(folder, ...folders, name), `${JSON.stringify(info, null, 2)}\n`);
  }
}
