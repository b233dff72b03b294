/** One Ctrl+C may arrive by several ways: from the terminal, and handed on by npm. */
const SAME_MS = 500;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Settles when the signal fires. */
  readonly fired: Promise<void>;
  dispose(): void;
}

/**
 * A signal that fires at the first SIGINT or SIGTERM, so that work can end in order; a second one ends the process
 * at once.
 * @param doing what happens then, for the person who pressed Ctrl+C
 */
export function untilInterrupted(doing = 'stopping after the batches under way'): Interrupt {
  const controller = new AbortController();
  const fired = new Promise<void>((done) => controller.signal.addEventListener('abort', () => done()));
  let first = -Infinity;
  const interrupt = (name: NodeJS.Signals) => {
    if (performance.now() - first < SAME_MS) return;
    if (controller.signal.aborted) process.exit(130);
    first = performance.now();
    process.stderr.write(`\n${name}: ${doing}; once more to stop at once.\n`);
    controller.abort(new Error(name));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    fired,
    dispose: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
