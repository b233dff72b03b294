export {
  type CellMode,
  type DoubtfulFigure,
  type ClaimVerdict,
  type CurveDiagram,
  type CurveSeries,
  type EventRecord,
  type MadeWith,
  openStore,
  type Picture,
  type RunEvent,
  type RobustnessPoint,
  type RunState,
  type RunSummary,
  type ModelStanding,
  type SeedFigure,
  type SharedFinding,
  type StandingTable,
  type Store,
  type ThreatAttack,
  type ThreatModel,
  type ThreatTable,
} from '@rampart/results';

export type { CellDetails, CellFigure, CellSeed } from './cell-details';
export type { CompareColumn, CompareRow } from './compare-router';
export { receiveModel, UPLOAD_LIMIT } from './receive-model';
export { handleRequest } from './handle-request';
export type { Matrix, MatrixFigure, MatrixRow } from './matrix';
export { type ModelInspection, modelInspection } from './model-inspection';
export type { BestStanding } from './best-standing';
export type { CompareDifference, CompareRowKey, StandingMetric } from './compare-models';
export type { DrawnRobustness } from './robustness-router';
export { type AppRouter, appRouter, createCaller } from './router';
export type { ActiveStep, RunProgress } from './run-progress';
export type { ApiContext } from './trpc';
