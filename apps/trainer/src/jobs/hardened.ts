import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { RampartError } from '@rampart/core';
import { hardenedKey, type JobRecord, type Store } from '@rampart/results';

import { HARDENED_LIST, type HardenedList } from '../export/write-hardened';
import { inFolder, runCommand } from './command';

/** Writes what a run hardened back into the files that it was made from, for the dashboard to hand out. */
export async function hardenedForJob(job: JobRecord, store: Store, signal: AbortSignal): Promise<unknown> {
  const { run, artifact } = job.request as { readonly run: string; readonly artifact: string };
  return inFolder(async (folder) => {
    const output = join(folder, 'hardened');
    const command = ['export', run, '--what', 'hardened', '--output', output];
    const { failure } = await runCommand(command, { folder, signal, stop: 'SIGTERM', store: store.location });
    if (failure !== undefined) throw new RampartError({ code: 'unavailable', message: failure });
    const { files, leftOut } = JSON.parse(await readFile(join(output, HARDENED_LIST), 'utf8')) as HardenedList;
    for (const { file, artifact: model, note } of files) {
      const bytes = await readFile(join(output, file));
      const { checksum } = await store.artifacts.write(bytes, { name: 'hardened', extension: 'onnx' });
      await store.documents.put(hardenedKey(model), { file: checksum, ...(note !== undefined && { note }) });
    }
    const refused = leftOut.find((one) => one.artifact === artifact);
    if (refused) throw new RampartError({ code: 'bad-model', message: refused.why });
    return { artifact };
  });
}
