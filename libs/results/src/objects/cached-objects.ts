import { stat } from 'node:fs/promises';
import path from 'node:path';

import { checksum as sha256 } from '@rampart/core';

import { FolderObjects } from './folder-objects';
import type { LocalObjects, NamedContent, ObjectStore } from './object-store';

/**
 * Copies on this machine of what a server keeps: content is fetched once. Names begin with a folder and have the
 * SHA-256 of the content, so a copy is never out of date, one that was damaged is fetched anew, and any number of
 * processes and stores may share the folder. What was not used for longest goes when there is more than `limit`. A
 * folder that cannot be written is done without.
 */
export class CachedObjects implements LocalObjects {
  readonly location: string;
  readonly place: string;
  readonly unfinished: string;
  private readonly copies: FolderObjects;
  /** Bytes that have come since the folder was last looked through; that it never was counts as too many. */
  private added = Infinity;

  /** @param limit bytes; 0 keeps nothing but what was asked for as a file */
  constructor(
    readonly origin: ObjectStore,
    folder: string,
    private readonly limit: number,
  ) {
    this.location = origin.location;
    this.place = origin.place;
    this.copies = new FolderObjects(folder);
    this.unfinished = this.copies.unfinished;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const copy = await this.copy(name);
    if (copy) return copy;
    const bytes = await this.origin.get(name);
    // What is damaged is its reader's to tell.
    if (bytes && sha256(bytes) === checksumIn(name)) await this.keep(name, bytes);
    return bytes;
  }

  async put(object: NamedContent, replace: boolean): Promise<boolean> {
    const done = await this.origin.put(object, replace);
    if (done && !('file' in object.content)) await this.keep(object.name, object.content);
    return done;
  }

  modified(name: string): Promise<number | undefined> {
    return this.origin.modified(name);
  }

  refresh(object: NamedContent): Promise<void> {
    return this.origin.refresh(object);
  }

  async remove(name: string): Promise<void> {
    await this.origin.remove(name);
    await this.copies.remove(name).catch(() => undefined);
  }

  list(beginning?: string): Promise<string[]> {
    return this.origin.list(beginning);
  }

  async sweep(before: number): Promise<void> {
    await this.copies.sweep(before);
    await this.origin.sweep(before);
  }

  async file(name: string): Promise<string | undefined> {
    const copy = await this.copy(name);
    const bytes = copy ?? (await this.origin.get(name));
    if (!bytes) return undefined;
    if (!copy) await this.copies.put({ name, content: bytes, checksum: checksumIn(name) }, true);
    return this.copies.file(name);
  }

  /** The content of a copy that is what it should be. */
  private async copy(name: string): Promise<Uint8Array | undefined> {
    const bytes = await this.copies.get(name).catch(() => undefined);
    if (!bytes || sha256(bytes) !== checksumIn(name)) return undefined;
    await this.copies.refresh({ name, content: bytes, checksum: checksumIn(name) }).catch(() => undefined);
    return bytes;
  }

  private async keep(name: string, content: Uint8Array): Promise<void> {
    if (content.byteLength > this.limit) return;
    try {
      this.added += content.byteLength;
      if (this.added > this.limit / 16) await this.makeRoom(content.byteLength);
      await this.copies.put({ name, content, checksum: checksumIn(name) }, true);
    } catch {
      // Without a copy it is fetched again.
    }
  }

  /** Removes those used least recently until `bytes` more fit; with a sixteenth to spare for what others add. */
  private async makeRoom(bytes: number): Promise<void> {
    const files: { readonly name: string; readonly used: number; readonly bytes: number }[] = [];
    for (const name of await this.copies.list()) {
      const found = await stat(path.join(this.copies.location, name)).catch(() => undefined);
      if (found) files.push({ name, used: found.mtimeMs, bytes: found.size });
    }
    files.sort((a, b) => a.used - b.used);
    let total = files.reduce((sum, file) => sum + file.bytes, bytes);
    for (const file of files) {
      if (total <= this.limit * (15 / 16)) break;
      await this.copies.remove(file.name);
      total -= file.bytes;
    }
    this.added = 0;
  }
}

/** `ab/abcd....onnx` is named after its content. */
function checksumIn(name: string): string {
  return path.posix.parse(name).name;
}
