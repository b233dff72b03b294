import { endAtOnce } from './end-at-once';
import { EXIT_INTERRUPTED } from './exit-code';

/** Longer than any step takes to notice, and its thread to be ended where it does not. */
const PATIENCE_MS = 20_000;
/** One Ctrl+C may arrive by several ways: from the terminal, and handed on by npm. */
const SAME_MS = 500;

/** What is under way. */
const working = new Set<AbortController>();

/** Stops what is under way, if anything is, as an interruption does. */
export function stopWork(reason: unknown): boolean {
  for (const controller of working) controller.abort(reason);
  return working.size > 0;
}

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Settles when the signal fires. */
  readonly fired: Promise<void>;
  dispose(): void;
}

/**
 * A signal that fires at the first SIGINT or SIGTERM, so that work can end in order; a second one ends the process
 * at once, and so does work that does not end in time.
 * @param doing what happens then, for the person who pressed Ctrl+C
 */
export function untilInterrupted(doing = 'stopping after the batches under way'): Interrupt {
  const controller = new AbortController();
  const fired = new Promise<void>((done) => controller.signal.addEventListener('abort', () => done()));
  let first = -Infinity;
  const interrupt = (name: NodeJS.Signals) => {
    if (performance.now() - first < SAME_MS) return;
    if (controller.signal.aborted) endAtOnce('SIGINT', EXIT_INTERRUPTED);
    first = performance.now();
    process.stderr.write(`\n${name}: ${doing}; once more to stop at once.\n`);
    controller.abort(new Error(name));
    // What was finished is in the store. The timer keeps nothing going that has come to its end.
    setTimeout(() => endAtOnce('SIGINT', EXIT_INTERRUPTED), PATIENCE_MS).unref();
  };
  working.add(controller);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    fired,
    dispose: () => {
      working.delete(controller);
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
