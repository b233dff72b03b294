import { runsRouter } from './runs-router';
import { createCallerFactory, router } from './trpc';

/** Everything that the dashboard may ask of a store. */
export const appRouter = router({ runs: runsRouter });

export type AppRouter = typeof appRouter;

/** Calls the procedures in this process, as server components do. */
export const createCaller = createCallerFactory(appRouter);
