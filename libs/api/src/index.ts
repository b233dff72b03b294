export {
  type CellMode,
  type ClaimVerdict,
  type EventRecord,
  openStore,
  type RunEvent,
  type RunState,
  type RunSummary,
  type Store,
} from '@rampart/results';

export type { CellDetails, CellFigure, CellSeed } from './cell-details';
export { handleRequest } from './handle-request';
export type { Matrix, MatrixFigure, MatrixRow } from './matrix';
export { type AppRouter, appRouter, createCaller } from './router';
export type { ActiveStep, RunProgress } from './run-progress';
export type { ApiContext } from './trpc';
