import { checksum as sha256 } from '@rampart/core';

import { CHECKPOINTS, type ObjectStore } from './objects/object-store';
import { unfinishedFile } from './objects/unfinished-file';

/** Kinds of steps that keep checkpoints. */
export const CHECKPOINTED: readonly string[] = ['train', 'harden'];

/** Bytes of a SHA-256. */
const DIGEST = 32;

/**
 * How far steps are that were begun and are not done: a file for each part of a step's work, which comes and goes. Each
 * begins with a digest of its maker and its content, so that one that is not whole, or was made for something else, is
 * none.
 */
export class CheckpointStore {
  constructor(private readonly objects: ObjectStore) {}

  /**
   * @param maker all that a content is good for, such as the step and the form that it is written in
   * @returns undefined where there is none of this maker
   */
  async read(step: string, part: string, maker: string): Promise<Uint8Array | undefined> {
    const file = await this.objects.get(nameOf(step, part));
    if (!file || file.byteLength < DIGEST) return undefined;
    const content = file.subarray(DIGEST);
    return Buffer.compare(file.subarray(0, DIGEST), digestOf(maker, [content])) === 0 ? content : undefined;
  }

  /**
   * Puts it in the place of the one before, whole or not at all.
   * @param content pieces, one after the other
   */
  async write(step: string, part: string, maker: string, content: readonly Uint8Array[]): Promise<void> {
    const pieces = [digestOf(maker, content), ...content];
    const file = await unfinishedFile(this.objects.unfinished, pieces);
    await this.objects.put({ name: nameOf(step, part), content: file, checksum: sha256(pieces) }, true);
  }

  /** Removes all parts of a step. */
  async remove(step: string): Promise<void> {
    for (const name of await this.objects.list(beginningOf(step))) await this.objects.remove(name);
  }

  /**
   * Removes those of all other steps.
   * @param before milliseconds since the epoch: what was written later stays
   */
  async collect(steps: readonly string[], before: number): Promise<void> {
    const kept = new Set(steps.map(beginningOf));
    for (const name of await this.objects.list(`${CHECKPOINTS}/`)) {
      if (kept.has(name.split('-')[0]!)) continue;
      const modified = await this.objects.modified(name);
      if (modified !== undefined && modified < before) await this.objects.remove(name);
    }
  }
}

/** How the names of all parts of a step begin. */
function beginningOf(step: string): string {
  return `${CHECKPOINTS}/${sha256(Buffer.from(step))}`;
}

function nameOf(step: string, part: string): string {
  return `${beginningOf(step)}-${sha256(Buffer.from(part)).slice(0, 16)}`;
}

function digestOf(maker: string, content: readonly Uint8Array[]): Buffer {
  return Buffer.from(sha256([Buffer.from(`${maker}\n`), ...content]), 'hex');
}
