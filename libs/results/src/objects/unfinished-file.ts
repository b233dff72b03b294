import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';

import type { Content } from './object-store';

/**
 * Writes what comes piece by piece to a new file of a folder, which outlives a power cut. Of what cannot be written
 * whole nothing is left.
 */
export async function unfinishedFile(
  folder: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Extract<Content, { file: string }>> {
  await mkdir(folder, { recursive: true });
  // Nobody else makes one of that name.
  const name = path.join(folder, `${process.pid}-${randomBytes(8).toString('hex')}`);
  try {
    const file = await open(name, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o644);
    try {
      let bytes = 0;
      for await (const piece of pieces) {
        bytes += piece.byteLength;
        await file.writeFile(piece);
      }
      await file.sync();
      return { file: name, bytes };
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(name, { force: true }).catch(() => undefined);
    throw error;
  }
}
