import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';

import { checksum as sha256, messageOf, RampartError, readNpyHeader } from '@rampart/core';

import type { ArtifactRef } from './records';

/** What names a file of the store. */
export type ArtifactName = Pick<ArtifactRef, 'checksum' | 'extension'>;

const CHECKSUM = /^[0-9a-f]{64}$/;
const EXTENSION = /^[a-z0-9]{1,8}$/;
/** Longer than any process takes from writing a file to recording the step that owns it. */
const GRACE_MS = 3_600_000;

/**
 * Files named by the SHA-256 of their content: `artifacts/ab/abcd....onnx`. A file appears under its name only when
 * all of it is on disk, so that whatever has a name is whole.
 */
export class ArtifactStore {
  private readonly root: string;
  private readonly unfinished: string;

  constructor(directory: string) {
    this.root = path.join(directory, 'artifacts');
    this.unfinished = path.join(this.root, 'unfinished');
  }

  /** @throws RampartError `store` when the disk refuses */
  async write(bytes: Uint8Array, ref: Pick<ArtifactRef, 'name' | 'extension'>): Promise<ArtifactRef> {
    const checksum = sha256(bytes);
    const target = this.path({ checksum, extension: ref.extension });
    const result: ArtifactRef = { name: ref.name, extension: ref.extension, checksum, bytes: bytes.byteLength };
    try {
      if (await this.isWhole(target, bytes.byteLength)) {
        // A young file is not collected: this one is about to be referred to again.
        await utimes(target, new Date(), new Date());
        return result;
      }
      await this.writeAtomically(target, bytes);
      return result;
    } catch (error) {
      throw new RampartError({
        code: 'store',
        message: `The file ${target} cannot be written: ${messageOf(error)}. Check free room and permissions of the store folder.`,
        cause: error,
      });
    }
  }

  /**
   * Writes what arrives piece by piece, such as an upload, without holding it in memory.
   * @param limit bytes at most
   * @throws RampartError `bad-data` when there is more, `store` when the disk refuses
   */
  async writeStream(
    pieces: AsyncIterable<Uint8Array>,
    ref: Pick<ArtifactRef, 'name' | 'extension'>,
    limit: number,
  ): Promise<ArtifactRef> {
    await mkdir(this.unfinished, { recursive: true });
    const temporary = path.join(this.unfinished, `${process.pid}-${randomBytes(8).toString('hex')}`);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      const file = await open(temporary, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o644);
      try {
        for await (const piece of pieces) {
          bytes += piece.byteLength;
          if (bytes > limit) {
            throw new RampartError({
              code: 'bad-data',
              message: `The file is larger than ${Math.floor(limit / 2 ** 20)} MiB, the most that is taken.`,
            });
          }
          hash.update(piece);
          await file.writeFile(piece);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      const checksum = hash.digest('hex');
      const target = this.path({ checksum, extension: ref.extension });
      await mkdir(path.dirname(target), { recursive: true });
      await rename(temporary, target);
      await syncDirectory(path.dirname(target));
      return { name: ref.name, extension: ref.extension, checksum, bytes };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** @throws RampartError `store` when the file is missing or is not what its name says */
  async read(ref: ArtifactName): Promise<Uint8Array> {
    const file = this.path(ref);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(file);
    } catch (error) {
      throw new RampartError({
        code: 'store',
        message: `The file ${file} cannot be read: ${messageOf(error)}. Run the experiment again with another store folder, or restore the file.`,
        cause: error,
      });
    }
    const actual = sha256(bytes);
    if (actual !== ref.checksum) {
      throw new RampartError({
        code: 'store',
        message: `The file ${file} is damaged: its SHA-256 should be ${ref.checksum} and is ${actual}. Delete it and run the experiment again.`,
      });
    }
    return bytes;
  }

  /**
   * Some rows of a float32 .npy file, [rows, ...]: a gallery wants a few images of a file with thousands. The file's
   * size is checked, its checksum is not.
   * @throws RampartError `store` when the file is missing or cut off, `bad-data` when it has no such rows
   */
  async readRows(
    ref: ArtifactName,
    rows: readonly number[],
  ): Promise<{ shape: readonly number[]; rows: Float32Array[] }> {
    const file = this.path(ref);
    let handle: FileHandle;
    try {
      handle = await open(file, 'r');
    } catch (error) {
      throw new RampartError({
        code: 'store',
        message: `The file ${file} cannot be read: ${messageOf(error)}.`,
        cause: error,
      });
    }
    try {
      const head = Buffer.alloc(512);
      const { bytesRead } = await handle.read(head, 0, head.length, 0);
      const { shape, type, offset } = readNpyHeader(head.subarray(0, bytesRead));
      const size = shape.slice(1).reduce((product, one) => product * one, 1);
      const bytes = (await handle.stat()).size;
      if (type !== '<f4' || bytes !== offset + (shape[0] ?? 0) * size * 4) {
        throw new RampartError({ code: 'store', message: `The file ${file} is no whole file of images.` });
      }
      const result: Float32Array[] = [];
      for (const row of rows) {
        if (row < 0 || row >= (shape[0] ?? 0)) {
          throw new RampartError({
            code: 'bad-data',
            message: `The file ${file} has ${shape[0]} rows and no row ${row}.`,
          });
        }
        const data = new Float32Array(size);
        await handle.read(new Uint8Array(data.buffer), 0, size * 4, offset + row * size * 4);
        result.push(data);
      }
      return { shape, rows: result };
    } finally {
      await handle.close();
    }
  }

  /** The file's place. Throws on a name that could lead anywhere else. */
  path(ref: ArtifactName): string {
    if (!CHECKSUM.test(ref.checksum) || !EXTENSION.test(ref.extension)) {
      throw new RampartError({
        code: 'store',
        message: `"${ref.checksum}.${ref.extension}" names no file of the store. Expected 64 hexadecimal digits and a short extension.`,
      });
    }
    return path.join(this.root, ref.checksum.slice(0, 2), `${ref.checksum}.${ref.extension}`);
  }

  /**
   * Removes files that nobody refers to any more; a file too young to tell stays.
   * @param age milliseconds from which on a file is old enough
   * @returns those that were removed
   */
  async collect(refs: readonly ArtifactName[], now: number, age = GRACE_MS): Promise<ArtifactName[]> {
    const removed: ArtifactName[] = [];
    for (const ref of refs) {
      const file = this.path(ref);
      const found = await stat(file).catch(() => undefined);
      if (!found || now - found.mtimeMs <= age) continue;
      await rm(file, { force: true });
      removed.push(ref);
    }
    return removed;
  }

  /** Every file that the store has. */
  async list(): Promise<ArtifactName[]> {
    const names: ArtifactName[] = [];
    for (const folder of await readdir(this.root).catch(() => [])) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue;
      for (const file of await readdir(path.join(this.root, folder)).catch(() => [])) {
        const [checksum = '', extension = ''] = file.split('.');
        if (CHECKSUM.test(checksum) && EXTENSION.test(extension)) names.push({ checksum, extension });
      }
    }
    return names;
  }

  /** Removes what processes that were killed have left half-written. */
  async sweep(now: number): Promise<void> {
    for (const name of await readdir(this.unfinished).catch(() => [])) {
      const file = path.join(this.unfinished, name);
      const found = await stat(file).catch(() => undefined);
      if (found && now - found.mtimeMs > GRACE_MS) await rm(file, { force: true });
    }
  }

  private async isWhole(file: string, bytes: number): Promise<boolean> {
    const found = await stat(file).catch(() => undefined);
    return found?.isFile() === true && found.size === bytes;
  }

  private async writeAtomically(target: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.unfinished, { recursive: true });
    await mkdir(path.dirname(target), { recursive: true });
    const temporary = path.join(this.unfinished, `${process.pid}-${randomBytes(8).toString('hex')}`);
    try {
      const file = await open(temporary, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o644);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncDirectory(path.dirname(target));
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
