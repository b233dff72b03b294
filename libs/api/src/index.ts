export type { CellDetails, CellFigure, CellSeed } from './cell-details';
export type { Matrix, MatrixFigure, MatrixRow } from './matrix';
export { type AppRouter, appRouter, createCaller } from './router';
export type { ActiveStep, RunProgress } from './run-progress';
export type { ApiContext } from './trpc';
