import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';

import { checksum as sha256, decodeNpyFloat32, isRampartError, messageOf, RampartError } from '@rampart/core';

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
      // A damaged file of that name gives way.
      if ((await this.fault(result)) === undefined) {
        // A young file is not collected: this one is about to be referred to again.
        await utimes(target, new Date(), new Date());
        return result;
      }
      await this.writeAtomically(target, bytes);
      return result;
    } catch (error) {
      throw unwritable(this.relative(result), error);
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
      await rm(temporary, { force: true }).catch(() => undefined);
      throw isRampartError(error) ? error : unwritable('that arrives', error);
    }
  }

  /** @throws RampartError `damaged` when the file is missing or is not what its name says, `store` when the disk refuses */
  async read(ref: ArtifactName): Promise<Uint8Array> {
    const name = this.relative(ref);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(this.path(ref));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new LostFile(`The file ${name} of the store is missing`);
      throw new RampartError({
        code: 'store',
        message: `The file ${name} of the store cannot be read: ${reasonOf(error)}. Check its permissions and the disk.`,
        cause: error,
      });
    }
    const actual = sha256(bytes);
    if (actual === ref.checksum) return bytes;
    throw new LostFile(
      `The file ${name} of the store is damaged: its SHA-256 should be ${ref.checksum} and is ${actual}`,
    );
  }

  /**
   * Some rows of a float32 .npy file, [rows, ...].
   * @throws RampartError as `read`; `bad-data` when it is no such file or has no such rows
   */
  async readRows(
    ref: ArtifactName,
    rows: readonly number[],
  ): Promise<{ shape: readonly number[]; rows: Float32Array[] }> {
    const { shape, data } = decodeNpyFloat32(await this.read(ref));
    const [count = 0, ...dimensions] = shape;
    const size = dimensions.reduce((product, one) => product * one, 1);
    const missing = rows.find((row) => row < 0 || row >= count);
    if (missing !== undefined) {
      throw new RampartError({
        code: 'bad-data',
        message: `The file ${this.relative(ref)} of the store has ${count} rows and no row ${missing}.`,
      });
    }
    return { shape, rows: rows.map((row) => data.slice(row * size, (row + 1) * size)) };
  }

  /** What is wrong with a file; undefined where it is what its name says. */
  async fault(ref: ArtifactName): Promise<string | undefined> {
    try {
      await this.read(ref);
      return undefined;
    } catch (error) {
      return error instanceof LostFile ? error.fault : messageOf(error);
    }
  }

  /** The file's place in the store's folder, as messages name it. */
  relative(ref: ArtifactName): string {
    return path.relative(path.dirname(this.root), this.path(ref)).split(path.sep).join('/');
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

/** That a file is not what was written, and what to do about it. */
class LostFile extends RampartError {
  constructor(readonly fault: string) {
    super({
      code: 'damaged',
      message: `${fault}. Run the experiment again with the same store, which makes it anew, or restore the file from a copy; "rampart verify --store DIR" says what else is damaged.`,
    });
  }
}

function unwritable(name: string, error: unknown): RampartError {
  return new RampartError({
    code: 'store',
    message: `The file ${name} cannot be written to the store: ${reasonOf(error)}. Check free room and permissions of the store folder.`,
    cause: error,
  });
}

/** What the system said, without the file's absolute place. */
function reasonOf(error: unknown): string {
  return messageOf(error).replace(/, \w+ '.*'$/s, '');
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
