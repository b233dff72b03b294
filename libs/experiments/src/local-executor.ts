import type { Store } from '@rampart/results';

import type { Executor } from './executor';
import { StepWorker } from './step-worker';

/** Runs steps in this thread. Native inference blocks the event loop, so nothing else moves meanwhile. */
export function localExecutor(store: Store): Executor {
  const worker = new StepWorker(store.artifacts);
  return {
    run: (task, signal, onProgress) => worker.run(task, { signal, onProgress }),
    close: () => Promise.resolve(),
  };
}
