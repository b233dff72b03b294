import { type DeadLetter, queueState, type WorkerRecord } from '@rampart/results';

import { procedure, router } from './trpc';

/** Who does the steps of runs, and how much there is to do. */
export interface WorkersOverview {
  /** False where the store is a folder, whose runs do their own steps. */
  readonly shared: boolean;
  readonly workers: readonly WorkerRecord[];
  /** Steps by kind that wait for a worker, and that one is at. */
  readonly kinds: readonly { readonly kind: string; readonly waiting: number; readonly active: number }[];
  /** Steps that nobody could do, the latest first. */
  readonly dead: readonly DeadLetter[];
}

export const workersRouter = router({
  /** Workers that are alive, lost or have ended within a week, and the queue. */
  overview: procedure.query(async ({ ctx: { store } }): Promise<WorkersOverview> => {
    const [workers, queue] = await Promise.all([store.workers.list(), queueState(store.server)]);
    const order = ['alive', 'lost', 'ended'];
    return {
      shared: store.server !== undefined,
      workers: [...workers].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state)),
      kinds: queue?.kinds ?? [],
      dead: queue?.dead ?? [],
    };
  }),
});
