import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';

import { CHECKPOINTS, type LocalObjects, type NamedContent } from './object-store';
import { unfinishedFile } from './unfinished-file';

/** Files of a folder, which several machines may share. A file has its name only when all of it is on disk. */
export class FolderObjects implements LocalObjects {
  /** The folder's own name: those above it are nobody's business. */
  readonly place: string;
  readonly unfinished: string;

  constructor(readonly location: string) {
    this.place = path.basename(location);
    this.unfinished = path.join(location, 'unfinished');
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    try {
      return await wholeFile(this.path(name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async put(object: NamedContent, replace: boolean): Promise<boolean> {
    const target = this.path(object.name);
    if (!replace && (await this.modified(object.name)) !== undefined) {
      if ('file' in object.content) await rm(object.content.file, { force: true });
      return false;
    }
    const file = await this.onDisk(object);
    try {
      await mkdir(path.dirname(target), { recursive: true });
      await rename(file, target);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    await syncDirectory(path.dirname(target));
    return true;
  }

  async modified(name: string): Promise<number | undefined> {
    return (await stat(this.path(name)).catch(() => undefined))?.mtimeMs;
  }

  async refresh({ name }: NamedContent): Promise<void> {
    await utimes(this.path(name), new Date(), new Date());
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name), { force: true });
  }

  async list(beginning = ''): Promise<string[]> {
    const names: string[] = [];
    const [first, ...rest] = beginning.split('/');
    for (const folder of rest.length > 0 ? [first!] : await readdir(this.location).catch(() => [])) {
      if (folder !== CHECKPOINTS && !/^[0-9a-f]{2}$/.test(folder)) continue;
      for (const file of await readdir(this.path(folder)).catch(() => [])) names.push(`${folder}/${file}`);
    }
    return names.filter((name) => name.startsWith(beginning));
  }

  async sweep(before: number): Promise<void> {
    for (const name of await readdir(this.unfinished).catch(() => [])) {
      const file = path.join(this.unfinished, name);
      const found = await stat(file).catch(() => undefined);
      if (found && found.mtimeMs < before) await rm(file, { force: true });
    }
  }

  file(name: string): Promise<string> {
    return Promise.resolve(this.path(name));
  }

  private path(name: string): string {
    return path.join(this.location, name);
  }

  /** A file of the same disk that has the content and outlives a power cut. */
  private async onDisk({ content }: NamedContent): Promise<string> {
    return 'file' in content ? content.file : (await unfinishedFile(this.unfinished, [content])).file;
  }
}

/** Bytes of one read: a call takes fewer than 2 GiB. */
const PIECE = 2 ** 30;

/** The content of a file of any size that Node can hold. */
async function wholeFile(name: string): Promise<Uint8Array> {
  const file = await open(name, 'r');
  try {
    const { size } = await file.stat();
    if (size < PIECE) return await file.readFile();
    const bytes = Buffer.allocUnsafe(size);
    for (let done = 0; done < size;) {
      const { bytesRead } = await file.read(bytes, done, Math.min(size - done, PIECE), done);
      // What became shorter is not what its name says, which the reader sees.
      if (bytesRead === 0) return bytes.subarray(0, done);
      done += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** Makes a rename durable where the system can; Windows cannot open a directory. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => undefined);
  if (!handle) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
