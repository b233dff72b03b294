export { type AttackCheckOptions, attackLaws, checkAttack, describeAttack } from './check-attack';
export { type AuditArena, auditArena, type AuditArenaOptions } from './audit-arena';
export { type AuditCase, auditSubject, type TrialSubject } from './audit-subject';
export { behind, type LogitFunction } from './behind';
export { type AuditCheckOptions, auditLaws, checkAudit, describeAudit } from './check-audit';
export { checkDataset, type DatasetCheckOptions, datasetLaws, describeDataset } from './check-dataset';
export { checkDefense, type DefenseCheckOptions, defenseLaws, describeDefense } from './check-defense';
export { checkMetric, describeMetric, type MetricCheckOptions, metricLaws } from './check-metric';
export { checkModel, describeModel, type ModelCheckOptions, modelLaws } from './check-model';
export {
  checkEngine,
  describeEngine,
  type EngineCheckOptions,
  engineLaws,
  type EngineSession,
  type EngineTask,
  type EngineUnderTest,
  type EngineView,
  type EngineViews,
} from './check-engine';
export { type ClosedForm, closedFormClassifier } from './closed-form-classifier';
export { derivativeDisagreement, type Disagreement, type LossesNear } from './finite-differences';
export { type FeatureFunction, inFront } from './in-front';
export { InterruptingCheckpoint } from './interrupting-checkpoint';
export { describeLaws, judge, type Law, type LawCheck } from './law';
export { type LinearDistance, linearDistances } from './linear-distances';
export { linearClassifier, type LinearModel } from './linear-classifier';
export { tanhForm, type TanhNetwork, tanhNetwork } from './tanh-network';
