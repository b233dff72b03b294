// The format of the store's arrays.
export { decodeNpy, decodeNpyFloat32, encodeNpy, type NpyArray, type NpyData } from '@rampart/core';
export { type ArtifactName, ArtifactStore } from './artifact-store';
export { type CellFilter, CellStore } from './cell-store';
export { CurveStore } from './curve-store';
export { DocumentStore, inspectionKey } from './document-store';
export { EventStore } from './event-store';
export { FindingStore } from './finding-store';
export {
  type InstanceOutcome,
  type InstancePage,
  type InstanceQuery,
  InstanceStore,
  outcomeOf,
  type Outcomes,
  OUTCOMES,
} from './instance-store';
export { JobStore } from './job-store';
export { ModelStore } from './model-store';
export { processOwner } from './process-owner';
export type {
  ArtifactRef,
  AttackRobustness,
  CellMode,
  CellRecord,
  CurveRecord,
  EventRecord,
  FindingRecord,
  ImageFacts,
  InstanceRecord,
  JobRecord,
  ModelRecord,
  RobustnessCurveRecord,
  RobustnessRecord,
  RunEvent,
  RunRecord,
  RunState,
  RunStepRecord,
  StandingRecord,
  StepRecord,
} from './records';
export { nameOf, specOf } from './labels';
export { type OpenStep, remainingSeconds, StepDurations } from './remaining-time';
export { RobustnessStore } from './robustness-store';
export { type RunStepState, RunStepStore } from './run-step-store';
export {
  HEARTBEAT_LIMIT_MS,
  type NewRun,
  type RunOrder,
  type RunPatch,
  type RunQuery,
  RunStore,
  type RunSummary,
} from './run-store';
export { StandingStore } from './standing-store';
export { StepStore } from './step-store';
export { DATABASE_FILE, openStore, type OpenOptions, type Store } from './store';
export { UploadStore } from './upload-store';
export { type Claim, CLAIMS } from './published/claims';
export { publishedFigure, type PublishedFigure, publishedLabels, type PublishedQuery } from './published/lookup';
export { PUBLICATION, PUBLISHED_TABLES, type PublishedDataset, type PublishedTable } from './published/tables';
export { isAttack, NO_ATTACK, WORST_CASE } from './report/attack-labels';
export { arrangeCurves, type CurveDiagram, type CurveSeries } from './report/curves';
export { attackedEvaluations, type Evaluation } from './report/evaluations';
export { imageFacts } from './report/image-facts';
export { type ClaimComparison, type ClaimVerdict, judgeClaims } from './report/judge-claims';
export {
  compareIntervals,
  comparePaired,
  type Kept,
  type ModelDifference,
  SIGNIFICANCE,
  type StandingDifference,
} from './report/compare-models';
export { type DoubtfulFigure, doubtfulFigures } from './report/doubtful-figures';
export {
  findingsAbout,
  isEstablished,
  overSeedsOf,
  readFindings,
  type ReportedFinding,
  type SharedFinding,
} from './report/findings';
export { FALLEN, type Headline } from './report/headline';
export { type Measured, overSeeds } from './report/over-seeds';
export { possibleErrors } from './report/possible-error';
export { type Picture, picturesOf } from './report/pictures';
export { type MadeWith, madeWith, madeWithOf } from './report/made-with';
export { type AttackOptimality, type OptimalityTable, optimalityTables } from './report/optimality';
export { readReport, repeatedModels, type Report } from './report/read-report';
export { type ReportedAttack, type ReportedCurve, type ReportedRobustness, readRobustness } from './report/robustness';
export {
  pointAt,
  type RobustnessDiagram,
  robustnessDiagrams,
  type RobustnessDot,
  type RobustnessLine,
  type RobustnessPanel,
  type RobustnessPoint,
} from './report/robustness-diagrams';
export { readSamples, type Sample, type SampleFigure, type SampleRow } from './report/samples';
export {
  countsOf,
  keptOf,
  type ModelStanding,
  type SeedStanding,
  seedStandings,
  shareOver,
  type StandingAttack,
  type StandingInput,
  type StandingTable,
  standingTables,
  worstOf,
} from './report/standings';
export { readStandings, standingInput } from './report/read-standings';
export { type RunFigure } from './report/run-figures';
export { type ReportCell, type ReportTable, reportTables } from './report/tables';
export {
  type SeedFigure,
  type ThreatAttack,
  type ThreatModel,
  type ThreatTable,
  threatTables,
} from './report/threat-tables';
