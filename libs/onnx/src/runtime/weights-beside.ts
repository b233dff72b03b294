import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';

import type { ModelInParts } from '../wire/write-model';

/** Bytes of weights from which on a file is worth its while. */
const LARGE = 2 ** 24;

/** Options of a session that say where its weights are. */
export interface WeightsBeside {
  readonly externalData?: ModelInParts['weights'];
  readonly extra?: { readonly session: Readonly<Record<string, string>> };
}

/**
 * Opens a session with its weights beside the graph. ONNX Runtime copies what it is handed in memory, but maps files into
 * it: large weights go through files, which are gone once the session is open. Where none can be written, and on Windows,
 * where a file that is mapped stays, they are handed over in memory.
 */
export async function withWeightsBeside<T>(
  weights: ModelInParts['weights'],
  open: (options: WeightsBeside) => Promise<T>,
): Promise<T> {
  const bytes = weights.reduce((sum, { data }) => sum + data.length, 0);
  const folder = bytes < LARGE || process.platform === 'win32' ? undefined : written(weights);
  if (folder === undefined) return open({ externalData: weights });
  try {
    return await open({ extra: { session: { model_external_initializers_file_folder_path: folder + sep } } });
  } finally {
    remove(folder);
  }
}

/** A folder with a file for each of the weights; undefined where there is no place for it. */
function written(weights: ModelInParts['weights']): string | undefined {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), 'rampart-weights-'));
    for (const { path, data } of weights) writeFileSync(join(folder, path), data);
    return folder;
  } catch {
    if (folder !== undefined) remove(folder);
    return undefined;
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // What is left of it is in the way of nothing.
  }
}
