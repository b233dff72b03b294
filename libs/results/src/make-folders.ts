import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder and those above it, one by one. `mkdir` of Node tries for ever where a system says that a folder does
 * not exist which is right there, as Linux does below /proc.
 * @throws the error of the system
 */
export async function makeFolders(folder: string): Promise<void> {
  const refused = await make(folder);
  if (refused?.code === 'ENOENT' && path.dirname(folder) !== folder) {
    await makeFolders(path.dirname(folder));
    const again = await make(folder);
    if (again) throw again;
  } else if (refused) throw refused;
}

/** Why there is no such folder; undefined where there is. */
async function make(folder: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(folder);
    return undefined;
  } catch (error) {
    const there = await stat(folder).catch(() => undefined);
    return there?.isDirectory() ? undefined : (error as NodeJS.ErrnoException);
  }
}
