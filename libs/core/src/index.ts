export {
  type Attack,
  type AttackDefinition,
  type AttackerGradient,
  type AttackFamily,
  type AttackProblem,
  type AttackSearch,
  type BestPoint,
  defineAttack,
  type FamilyAttack,
  type FamilyDescentAttack,
  type FamilyParams,
  type FamilySetAttack,
  type FreeAttack,
  type GradientOptions,
  type SearchResult,
} from './attack';
export type { AttackedInstance, AttackInstance, PointGradient } from './attack-instance';
export type { Descent, DescentStep } from './descent';
export { type LogitLoss, lossOfLogits } from './attack-loss';
export {
  type Audit,
  type AuditDefinition,
  type AuditedAttack,
  type AuditSubject,
  defineAudit,
  type Doubt,
  type Finding,
  type ModelView,
  REMEDIES,
  type RemedyName,
  type Severity,
  type TriedRemedy,
} from './audit';
export { averagedClassifier } from './averaged-classifier';
export { smoothedClassifier, type SmoothingOptions } from './smoothed-classifier';
export { bindThreats, type BoundAttacks, type FilledThreat, type ThreatFill } from './bind-threats';
export {
  answersOf,
  argmax,
  type AttackLoss,
  type Classifier,
  decisionOf,
  type DifferentiableClassifier,
  evasionMargin,
  hasRival,
  isEvasion,
  type LossGradient,
  logitsOfScores,
  margin,
  predictions,
  REJECTED,
  type RivalLoss,
} from './classifier';
export {
  componentParameter,
  type ComponentSpec,
  formatComponent,
  parseComponent,
  parseComponents,
  type Parameters,
  type ParameterValue,
} from './component';
export { bytesOf, canonicalJson, checksum, contentKey, numbersIn } from './content-key';
export {
  type Dataset,
  datasetChecksum,
  type DatasetDefinition,
  type DatasetSource,
  defineDataset,
  type LoadOptions,
  type OwnClasses,
} from './dataset';
export {
  type CurvePoint,
  type DefendedModel,
  type Defense,
  type DefenseDefinition,
  type DefenseProblem,
  defineDefense,
  type Obfuscation,
} from './defense';
export { type ErrorCode, isMissingFile, isRampartError, messageOf, RampartError, throwIfCancelled } from './error';
export { enforce, roundWithin } from './enforce';
export { evade } from './evade';
export type { EvadeInput, Evasion } from './evasion';
export { formatNumber, parseNumber } from './fraction';
export {
  concatLabelled,
  featureCount,
  formatShape,
  type ImageBatch,
  imageBatch,
  type ImageShape,
  isImage,
  type LabelledImages,
  sampleDims,
  sampleShape,
  sliceBatch,
  takeImages,
  takeLabelled,
} from './image-batch';
export { joined } from './joined';
export { decodeLossPaths, encodeLossPaths, joinLossPaths, type LossPaths, takeLossPaths } from './loss-paths';
export { type LossPoint, meanLoss } from './loss-trace';
export { defineMetric, type Estimate, type Metric, type MetricDefinition, type Outcome } from './metric';
export { clip, clipInPlace, type PixelBox, pixelBox, PUBLICATION_BOX } from './pixel-box';
export {
  decodeNpy,
  decodeNpyFloat32,
  emptyNpy,
  encodeNpy,
  type NpyArray,
  type NpyData,
  type NpyHeader,
  npyNumbers,
  readNpyHeader,
} from './npy';
export { type Device, type DeviceCheck, DeviceLog, type DeviceUse } from './device';
export { definePlugin, type Plugin } from './plugin';
export { type Board, callAway, closeBoard, help, loseHelper } from './pieces/board';
export { type Crew, inSharedMemory, type PieceJob, sharedBytes, sharedFloats } from './pieces/crew';
export type { Pieces } from './pieces/pieces';
export { SharedWork } from './pieces/shared-work';
export type { Checkpoint } from './checkpoint';
export type { Progress, WorkOptions } from './progress';
export {
  type ComponentDefinition,
  type ParameterMeta,
  Registry,
  type RelatedRegistries,
  type Resolved,
  unknownName,
} from './registry';
export { readWholeFile, readWholeFileSync } from './read-whole-file';
export { Rng } from './rng';
export {
  type AccompaniedKind,
  accompaniedShape,
  type Companion,
  companionSize,
  companyOf,
  feasibleOf,
  isOfSets,
  type SampleKind,
  type TableFeature,
  unitsOf,
  type ValueKind,
} from './sample-kind';
export { plainly } from './plainly';
export { softmax } from './softmax';
export { spsaGradients, type SpsaObjective, type SpsaOptions, withEstimatedGradients } from './spsa';
export type { AttackStage } from './stage-account';
export { type McNemar, mcnemar } from './statistics/mcnemar';
export { wilson } from './statistics/wilson';
export type { Bounds } from './threat/bounds';
export { Feasibility, type FeasibleSet, type OwnBounds } from './threat/feasible-set';
export type { Norm, NormName } from './threat/norm';
export { NORMS } from './threat/norms';
export { formatThreat, parseThreat, parseThreats } from './threat/parse-threats';
export { l2Distance, linfDistance, type Threat, type ThreatModel } from './threat/threat-model';
export { withinContract } from './within-contract';
export { isVisible, visible } from './visible';
