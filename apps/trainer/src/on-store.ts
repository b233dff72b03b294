import { openStore, type Store } from '@rampart/results';

import { EXIT_INTERRUPTED, ExitCode } from './exit-code';
import { openLoading } from './progress';
import { untilInterrupted } from './until-interrupted';

/** How a command that works on a store is stopped. */
export interface OnStore {
  readonly directory: string;
  /** What its progress is called. */
  readonly doing: string;
  /** What happens at Ctrl+C; what is usual where nothing is said. */
  readonly stopping?: string;
  /** Whether it also writes to the store. */
  readonly writes?: true;
  /** What is said when it has stopped. */
  readonly stopped: string;
}

/**
 * Does what a command does on a store: with progress, until it is interrupted.
 * @throws ExitCode `EXIT_INTERRUPTED` where it was
 */
export async function onStore(
  { directory, doing, stopping, stopped, writes }: OnStore,
  work: (store: Store, signal: AbortSignal, loading: ReturnType<typeof openLoading>) => Promise<void>,
): Promise<void> {
  const interrupt = untilInterrupted(stopping);
  const loading = openLoading(doing);
  try {
    const store = await openStore(directory, { readOnly: writes !== true });
    try {
      await work(store, interrupt.signal, loading);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.stderr.write(`${stopped}\n`);
    throw new ExitCode(EXIT_INTERRUPTED);
  } finally {
    loading.close();
    interrupt.dispose();
  }
}
