import { compareRouter } from './compare-router';
import { curvesRouter } from './curves-router';
import { experimentsRouter } from './experiments-router';
import { galleryRouter } from './gallery-router';
import { leaderboardRouter } from './leaderboard-router';
import { modelsRouter } from './models-router';
import { notesRouter } from './notes-router';
import { robustnessRouter } from './robustness-router';
import { runsRouter } from './runs-router';
import { swapInRouter } from './swap-in-router';
import { createCallerFactory, router } from './trpc';
import { viewsRouter } from './views-router';
import { workersRouter } from './workers-router';

/** Everything that the dashboard may ask of a store. */
export const appRouter = router({
  runs: runsRouter,
  experiments: experimentsRouter,
  gallery: galleryRouter,
  curves: curvesRouter,
  robustness: robustnessRouter,
  leaderboard: leaderboardRouter,
  models: modelsRouter,
  notes: notesRouter,
  views: viewsRouter,
  compare: compareRouter,
  swapIn: swapInRouter,
  workers: workersRouter,
});

export type AppRouter = typeof appRouter;

/** Calls the procedures in this process, as server components do. */
export const createCaller = createCallerFactory(appRouter);
