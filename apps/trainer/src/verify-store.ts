import { messageOf, RampartError } from '@rampart/core';
import { parseExperiment, prepare } from '@rampart/experiments';
import { openStore, shownLocation, type Store, type StoreVerification } from '@rampart/results';

import { EXIT_FAILED, EXIT_INTERRUPTED, ExitCode } from './exit-code';
import { execute } from './perform';
import { openLoading } from './progress';
import { isWhole, storeVerificationText } from './report/store-verification-text';
import { type Interrupt, untilInterrupted } from './until-interrupted';
import { withStoredFiles } from './with-stored-files';

export interface VerifyStoreOptions {
  readonly store: string;
  readonly repair?: boolean;
  readonly json?: boolean;
  readonly dataDir?: string;
  readonly workers: number;
}

/**
 * Checks a store, and does again what is damaged where that is asked for.
 * @throws ExitCode `EXIT_FAILED` where it is damaged in the end
 */
export async function verifyStore(options: VerifyStoreOptions): Promise<void> {
  const interrupt = untilInterrupted('stopping');
  try {
    const store = await openStore(options.store, { readOnly: !options.repair });
    try {
      let found = await look(store, options, interrupt);
      if (options.repair && !isWhole(found)) {
        await repair(store, found, options, interrupt.signal);
        found = await look(store, options, interrupt);
      }
      if (!isWhole(found)) throw new ExitCode(EXIT_FAILED);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.stderr.write('Stopped.\n');
    throw new ExitCode(EXIT_INTERRUPTED);
  } finally {
    interrupt.dispose();
  }
}

async function look(store: Store, { json }: VerifyStoreOptions, { signal }: Interrupt): Promise<StoreVerification> {
  const loading = openLoading('verifying');
  try {
    const found = await store.verifier.verify({ signal, onProgress: (progress) => loading.progress(progress) });
    loading.close();
    process.stdout.write(
      json ? `${JSON.stringify(found)}\n` : storeVerificationText(found, shownLocation(store.location)),
    );
    return found;
  } finally {
    loading.close();
  }
}

/** Marks what is damaged as to be done again, and carries out the runs that need it once more. */
async function repair(
  store: Store,
  { steps, runs }: StoreVerification,
  options: VerifyStoreOptions,
  signal: AbortSignal,
): Promise<void> {
  await store.steps.distrust(steps.map(({ key }) => key));
  for (const id of new Set([...steps.flatMap((step) => step.runs), ...runs])) {
    try {
      await repairRun(store, id, options, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      process.stderr.write(`rampart: Run ${id} cannot be repaired from here: ${messageOf(error)}\n`);
    }
  }
}

async function repairRun(store: Store, id: string, options: VerifyStoreOptions, signal: AbortSignal): Promise<void> {
  const run = await store.runs.get(id);
  if (run.state !== 'done') throw refusal(`it is ${run.state}. What is damaged of it is done again when it goes on.`);
  // Paths in an experiment start at its file's folder, which nobody knows any more.
  const experiment = parseExperiment(
    await withStoredFiles(run.experiment, store.artifacts),
    `the experiment of run ${id}`,
    process.cwd(),
  );
  const prepared = await prepare(experiment, {
    engine: run.engine,
    seeds: run.seeds,
    signal,
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
  });
  if (prepared.plan.key !== run.planKey) {
    throw refusal('its experiment asks for other steps here and now. Run its own file again, as it was run then.');
  }
  await store.runs.reopen(id, 'Something of it was damaged.');
  const { state, error } = await execute(prepared, store, { ...options, engine: run.engine }, signal);
  if (state !== 'done') throw refusal(error ?? `it ended ${state}.`);
}

function refusal(message: string): RampartError {
  return new RampartError({ code: 'store', message });
}
