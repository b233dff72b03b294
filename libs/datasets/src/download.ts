import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ReadableStream } from 'node:stream/web';

import { messageOf, RampartError, throwIfCancelled, type WorkOptions } from '@rampart/core';

import { isAbandoned, ownedName } from './owned-file';

const MEGABYTE = 1e6;

/** Times a broken connection is taken up again before the download is given up; what arrived stays for the next run. */
const ATTEMPTS = 5;

/**
 * Downloads a file to a partial file beside `path` and returns that one's path; the caller checks it and moves it.
 * A broken download is taken up where it stopped, also one that an earlier process left.
 * @throws RampartError `unavailable` when the server cannot be reached or refuses, `cancelled`
 */
export async function download(url: string, path: string, { signal, onProgress }: WorkOptions): Promise<string> {
  const part = await claimPart(path);
  for (let attempt = 1; ; attempt++) {
    const before = await sizeOf(part);
    try {
      await fetchRest(url, part, before, { signal, onProgress });
      return part;
    } catch (error) {
      throwIfCancelled(signal);
      const progressed = (await sizeOf(part)) > before;
      if (error instanceof RampartError || !progressed || attempt === ATTEMPTS) throw unavailable(url, error);
    }
  }
}

/** Removes what a download left. */
export async function discardPart(part: string): Promise<void> {
  await rm(part, { force: true });
}

async function fetchRest(url: string, part: string, have: number, { signal, onProgress }: WorkOptions): Promise<void> {
  const response = await fetch(url, {
    ...(have > 0 && { headers: { range: `bytes=${have}-` } }),
    ...(signal && { signal }),
  });
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  const resumed = response.status === 206 && Number(range?.[1]) === have;
  // The part is as long as the file already, or is no part of it: the checksum will tell.
  if (response.status === 416) return void (await response.body?.cancel());
  if (!response.body || (response.status !== 200 && !resumed)) {
    await response.body?.cancel();
    throw new RampartError({ code: 'unavailable', message: `the server answered ${response.status}` });
  }
  const start = resumed ? have : 0;
  const length = Number(response.headers.get('content-length') ?? NaN);
  const total = Number(range?.[2] ?? NaN) || start + length;
  let done = start;
  const file = await open(part, resumed ? 'a' : 'w');
  try {
    // Chunk by chunk, so that all that arrived is in the file when the connection breaks.
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      await file.write(chunk);
      done += chunk.length;
      onProgress?.({
        done: done / MEGABYTE,
        total: Math.max(total || 0, done) / MEGABYTE,
        unit: 'MB',
        detail: 'downloading',
      });
    }
  } finally {
    await file.close();
  }
  if (done < total) throw new Error(`the connection ended after ${done} of ${total} bytes`);
}

/**
 * A partial file belongs to one process, so that two runs do not write into it. One whose process is gone is taken
 * over, by a rename that only one of its heirs can win.
 */
async function claimPart(path: string): Promise<string> {
  const base = `${path}.part`;
  const own = ownedName(base);
  for (const name of await readdir(dirname(path))) {
    if (!isAbandoned(name, basename(base))) continue;
    try {
      await rename(join(dirname(path), name), own);
      return own;
    } catch {
      // Another process was faster.
    }
  }
  return own;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function unavailable(url: string, error: unknown): RampartError {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new RampartError({
    code: 'unavailable',
    message: `${url} cannot be downloaded: ${messageOf(reason)}. Try again later: what has arrived is kept. Or fetch the file yourself and pass its folder as --data-dir.`,
    cause: error,
  });
}
