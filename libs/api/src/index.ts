export {
  type CellMode,
  type EventRecord,
  type NoteRecord,
  openStore,
  type Role,
  type RunEvent,
  type RunState,
  type RunSummary,
  type Shelf,
  type Store,
  type ViewPlace,
  type ViewRecord,
} from '@rampart/results';
export type {
  ClaimVerdict,
  Failure,
  MissingCell,
  ClassJudgement,
  CurveDiagram,
  CurveSeries,
  DoubtfulFigure,
  InstanceDetails,
  MadeWith,
  ModelStanding,
  Picture,
  ReportTable,
  RobustnessPoint,
  SeedFigure,
  SharedFinding,
  ShownRow,
  ShownSound,
  SoundView,
  StandingTable,
  ThreatAttack,
  ThreatModel,
  ThreatTable,
} from '@rampart/reports';

export type { CellDetails, CellFigure, CellSeed } from './cell-details';
export type { CheckedExperiment } from './experiments-router';
export type { EpsilonCurve } from './epsilon-curves';
export type { SettingsDifference } from './settings-diff';
export type { CompareColumn, CompareRow } from './compare-router';
export { receiveModel, UPLOAD_LIMIT } from './receive-model';
export { handleRequest } from './handle-request';
export { hardenedFileOf } from './models-router';
export { isReportFormat, type ReportFile, reportFile } from './report-file';
export type { Matrix, MatrixFigure, MatrixRow } from './matrix';
export { type ModelInspection, modelInspection } from './model-inspection';
export type { BestStanding } from './best-standing';
export type { CompareDifference, CompareRowKey, StandingMetric } from './compare-models';
export type { LeaderboardFacet, LeaderboardRow, LeaderboardShare } from './leaderboard-router';
export type { DrawnRobustness } from './robustness-router';
export { type AppRouter, appRouter, createCaller } from './router';
export { LOCAL, MAY_NOT_WRITE, type Visitor } from './trpc';
export type { ActiveStep, RunProgress } from './run-progress';
export type { ApiContext } from './trpc';
export { withoutPaths } from './without-paths';
export { metrics } from './metrics';
export type { WorkersOverview } from './workers-router';
