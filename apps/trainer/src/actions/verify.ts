import { holds, verifyExamples } from '@rampart/experiments';

import { EXIT_FAILED, ExitCode } from '../exit-code';
import { onStore } from '../on-store';
import { verificationText } from '../report/verification-text';
import { verifyStore } from '../verify-store';

export interface VerifyArguments {
  readonly examples?: boolean;
  readonly repair?: boolean;
  readonly store: string;
  readonly json?: boolean;
  readonly dataDir?: string;
  readonly workers: number;
}

/** `rampart verify`. */
export async function verify(id: string, options: VerifyArguments): Promise<void> {
  if (options.examples) await checkExamples(id, options);
  else await verifyStore(options);
}

async function checkExamples(id: string, options: VerifyArguments): Promise<void> {
  const command = { doing: 'verifying', stopped: 'Stopped. Nothing was changed.' };
  await onStore({ directory: options.store, ...command }, async (store, signal, loading) => {
    const run = await store.runs.get(id);
    const verification = await verifyExamples(store, run, {
      signal,
      onProgress: (progress) => loading.progress(progress),
    });
    loading.close();
    if (options.json) process.stdout.write(`${JSON.stringify(verification, null, 2)}\n`);
    else process.stdout.write(verificationText(verification, run));
    if (!holds(verification)) throw new ExitCode(EXIT_FAILED);
  });
}
