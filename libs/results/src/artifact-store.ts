import { createHash, type Hash } from 'node:crypto';
import path from 'node:path';

import { checksum as sha256, decodeNpyFloat32, isRampartError, messageOf, RampartError } from '@rampart/core';

import { CheckpointStore } from './checkpoint-store';
import type { LocalObjects, NamedContent, ObjectStore } from './objects/object-store';
import { unfinishedFile } from './objects/unfinished-file';
import type { ArtifactRef } from './records';

/** What names a file of the store. */
export type ArtifactName = Pick<ArtifactRef, 'checksum' | 'extension'>;

const CHECKSUM = /^[0-9a-f]{64}$/;
const EXTENSION = /^[a-z0-9]{1,8}$/;
const FILE = /^[0-9a-f]{2}\/([0-9a-f]{64})\.([a-z0-9]{1,8})$/;
/** Longer than any process takes from writing a file to recording the step that owns it. */
const GRACE_MS = 3_600_000;

/**
 * Files named by the SHA-256 of their content: `ab/abcd....onnx`. A file appears under its name only when all of it is
 * there, so that whatever has a name is whole; every read compares what came with the name.
 */
export class ArtifactStore {
  /** How far steps are that are not done. */
  readonly checkpoints: CheckpointStore;

  constructor(private readonly objects: LocalObjects) {
    // Copies are of what does not change.
    this.checkpoints = new CheckpointStore(objects.origin ?? objects);
  }

  /** Where they are, as `--artifacts` calls it. */
  get location(): string {
    return this.objects.location;
  }

  /** @throws RampartError `store` when the disk refuses, `unavailable` when a server does */
  async write(bytes: Uint8Array, ref: Pick<ArtifactRef, 'name' | 'extension'>): Promise<ArtifactRef> {
    const checksum = sha256(bytes);
    const result: ArtifactRef = { name: ref.name, extension: ref.extension, checksum, bytes: bytes.byteLength };
    const object: NamedContent = { name: nameOf(result), content: bytes, checksum };
    try {
      if (await this.objects.put(object, false)) return result;
      // A damaged file of that name gives way.
      if ((await this.fault(result)) !== undefined) await this.objects.put(object, true);
      // A young file is not collected: this one is about to be referred to again.
      else await this.objects.refresh(object);
      return result;
    } catch (error) {
      throw unwritable(this.relative(result), error);
    }
  }

  /**
   * Writes what arrives piece by piece, such as an upload, without holding it in memory.
   * @param limit bytes at most
   * @throws RampartError `bad-data` when there is more, `store` when the disk refuses, `unavailable` when a server does
   */
  async writeStream(
    pieces: AsyncIterable<Uint8Array>,
    ref: Pick<ArtifactRef, 'name' | 'extension'>,
    limit: number,
  ): Promise<ArtifactRef> {
    const hash = createHash('sha256');
    try {
      const content = await unfinishedFile(this.objects.unfinished, upTo(limit, pieces, hash));
      const checksum = hash.digest('hex');
      const result: ArtifactRef = { name: ref.name, extension: ref.extension, checksum, bytes: content.bytes };
      await this.objects.put({ name: nameOf(result), content, checksum }, true);
      return result;
    } catch (error) {
      throw isRampartError(error) ? error : unwritable('that arrives', error);
    }
  }

  /**
   * @throws RampartError `damaged` when the file is missing or is not what its name says, `store` when the disk refuses,
   * `unavailable` when a server does
   */
  read(ref: ArtifactName): Promise<Uint8Array> {
    return this.readFrom(this.objects, ref);
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

  /**
   * What is wrong with a file where it is kept, not in a copy of it; undefined where it is what its name says.
   * @throws RampartError `unavailable` when nobody can tell
   */
  async fault(ref: ArtifactName): Promise<string | undefined> {
    return (await this.examine(ref)).fault;
  }

  /** The file's place, as messages name it. */
  relative(ref: ArtifactName): string {
    return `${this.objects.place}/${nameOf(ref)}`;
  }

  /** Where the file is: a path below the folder, or `s3://bucket/...`. Throws on a name that could lead anywhere else. */
  address(ref: ArtifactName): string {
    const name = nameOf(ref);
    return isUrl(this.location) ? `${this.location}/${name}` : path.join(this.location, name);
  }

  /**
   * A file of this machine that has the content, for what must be given a path. It may go when the store is closed.
   * @throws RampartError as `read`
   */
  async file(ref: ArtifactName): Promise<string> {
    await this.read(ref);
    return this.reading(ref, (name) => this.objects.file(name));
  }

  /**
   * Copies a file to another store's, checked on the way.
   * @returns what is wrong with it, where it could not be copied for that
   * @throws RampartError `store` or `unavailable` when the other one cannot be written, or nobody can tell
   */
  async copy(ref: ArtifactName, to: ArtifactStore): Promise<string | undefined> {
    const found = await this.examine(ref);
    if ('bytes' in found) await to.write(found.bytes, { ...ref, name: '' });
    return found.fault;
  }

  /**
   * Removes files that nobody refers to any more; a file too young to tell stays.
   * @param age milliseconds from which on a file is old enough
   * @returns those that were removed
   */
  async collect(refs: readonly ArtifactName[], now: number, age = GRACE_MS): Promise<ArtifactName[]> {
    const removed: ArtifactName[] = [];
    for (const ref of refs) {
      const modified = await this.objects.modified(nameOf(ref));
      if (modified === undefined || now - modified <= age) continue;
      await this.objects.remove(nameOf(ref));
      removed.push(ref);
    }
    return removed;
  }

  /** Every file that the store has. */
  async list(): Promise<ArtifactName[]> {
    return (await this.objects.list()).flatMap((name) => {
      const [, checksum, extension] = FILE.exec(name) ?? [];
      return checksum !== undefined && extension !== undefined ? [{ checksum, extension }] : [];
    });
  }

  /** Removes what processes that were killed have left half-written. */
  async sweep(now: number): Promise<void> {
    await this.objects.sweep(now - GRACE_MS);
  }

  private async examine(
    ref: ArtifactName,
  ): Promise<{ readonly bytes: Uint8Array; readonly fault?: undefined } | { readonly fault: string }> {
    try {
      return { bytes: await this.readFrom(this.objects.origin ?? this.objects, ref) };
    } catch (error) {
      if (isRampartError(error) && error.code === 'unavailable') throw error;
      return { fault: error instanceof LostFile ? error.fault : messageOf(error) };
    }
  }

  private async readFrom(objects: ObjectStore, ref: ArtifactName): Promise<Uint8Array> {
    const bytes = await this.reading(ref, (name) => objects.get(name));
    const actual = sha256(bytes);
    if (actual === ref.checksum) return bytes;
    throw new LostFile(
      `The file ${this.relative(ref)} of the store is damaged: its SHA-256 should be ${ref.checksum} and is ${actual}`,
    );
  }

  /** What is there of a file. */
  private async reading<T>(ref: ArtifactName, get: (name: string) => Promise<T | undefined>): Promise<T> {
    const place = this.relative(ref);
    let found: T | undefined;
    try {
      found = await get(nameOf(ref));
    } catch (error) {
      if (isRampartError(error)) throw error;
      throw new RampartError({
        code: 'store',
        message: `The file ${place} of the store cannot be read: ${reasonOf(error)}. Check its permissions and the disk.`,
        cause: error,
      });
    }
    if (found === undefined) throw new LostFile(`The file ${place} of the store is missing`);
    return found;
  }
}

/** The pieces as they come, each of which is hashed. @throws RampartError `bad-data` when there are more bytes than `limit` */
async function* upTo(limit: number, pieces: AsyncIterable<Uint8Array>, hash: Hash): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.byteLength;
    if (bytes > limit) {
      throw new RampartError({
        code: 'bad-data',
        message: `The file is larger than ${Math.floor(limit / 2 ** 20)} MiB, the most that is taken.`,
      });
    }
    hash.update(piece);
    yield piece;
  }
}

function isUrl(location: string): boolean {
  return location.includes('://');
}

/** Where a file is below the place of all. Throws on a name that could lead anywhere else. */
function nameOf({ checksum, extension }: ArtifactName): string {
  if (CHECKSUM.test(checksum) && EXTENSION.test(extension)) {
    return `${checksum.slice(0, 2)}/${checksum}.${extension}`;
  }
  throw new RampartError({
    code: 'store',
    message: `"${checksum}.${extension}" names no file of the store. Expected 64 hexadecimal digits and a short extension.`,
  });
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
  if (isRampartError(error)) return error;
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
