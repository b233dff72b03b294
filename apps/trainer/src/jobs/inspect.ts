import { RampartError } from '@rampart/core';
import { inspectionKey, type JobRecord, type Store } from '@rampart/results';

import { inFolder, runCommand } from './command';

/** A file whose inspection takes longer is given up. */
const LIMIT_MS = 120_000;

/** Looks into a model file and writes down what it is. */
export async function inspectForJob(job: JobRecord, store: Store, signal: AbortSignal): Promise<unknown> {
  const { artifact } = job.request as { readonly artifact: string };
  const file = await store.artifacts.file({ checksum: artifact, extension: 'onnx' });
  return inFolder(async (folder) => {
    const limit = AbortSignal.timeout(LIMIT_MS);
    const { stdout, failure } = await runCommand(['inspect', file, '--json'], {
      folder,
      signal: AbortSignal.any([signal, limit]),
      stop: 'SIGKILL',
    });
    const inspection = parsed(stdout);
    // Findings of level problem make the command fail, and are part of what it found out.
    if (inspection === undefined) {
      throw new RampartError({
        code: 'bad-model',
        message: limit.aborted
          ? `The inspection took longer than ${LIMIT_MS / 1000} s and was given up.`
          : (failure ?? 'The inspection said nothing.').replaceAll(file, 'the file'),
      });
    }
    await store.documents.put(inspectionKey(artifact), inspection);
    return { artifact };
  });
}

function parsed(text: string): unknown {
  try {
    const said = JSON.parse(text) as { readonly type?: unknown } | null;
    // A command that fails says so in JSON, too.
    return said?.type === 'error' ? undefined : said;
  } catch {
    return undefined;
  }
}
