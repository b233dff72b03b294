// The format of the store's arrays.
export { decodeNpy, decodeNpyFloat32, encodeNpy, type NpyArray, type NpyData } from '@rampart/core';
export { type ArtifactName, ArtifactStore } from './artifact-store';
export { type Backup, backupStore } from './backup';
export { type CellFilter, CellStore, type CellValue } from './cell-store';
export { CertificateStore } from './certificate-store';
export { type CopyRequest, copyStore, type StoreCopy } from './copy/copy-store';
export { CHECKPOINTED, CheckpointStore } from './checkpoint-store';
export { CurveStore } from './curve-store';
export { DocumentStore, hardenedKey, inspectionKey } from './document-store';
export { EventStore } from './event-store';
export { FindingStore } from './finding-store';
export { imageFacts } from './image-facts';
export {
  INSTANCE_ORDERS,
  type InstanceOrder,
  type InstancePage,
  type InstanceQuery,
  InstanceStore,
  outcomeOf,
} from './instance-store';
export { JobStore } from './job-store';
export { type ModelOrder, type ModelQuery, ModelStore } from './model-store';
export { type NoteRecord, NoteStore, type NoteSubject, type NoteWritten } from './note-store';
export { processOwner } from './process-owner';
export type {
  ArtifactRef,
  AttackRobustness,
  CellMode,
  CellRecord,
  CertificateRecord,
  CertifiedPoint,
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
  RunStepCell,
  RunStepRecord,
  StandingRecord,
  StepRecord,
} from './records';
export { nameOf, specOf } from './labels';
export { type InstanceOutcome, type Outcomes, OUTCOMES } from './outcomes';
export { artifactLocation, openArtifacts } from './open-artifacts';
export { type OpenStep, paceText, remainingSeconds, StepDurations, timeLeftText } from './remaining-time';
export { RobustnessStore } from './robustness-store';
export { type RunStepState, RunStepStore } from './run-step-store';
export {
  HEARTBEAT_LIMIT_MS,
  type NewRun,
  RESTORABLE_MS,
  type RunOrder,
  type RunPatch,
  type RunQuery,
  RunStore,
  type RunSummary,
  type Shelf,
  SHELVES,
} from './run-store';
export { type StandingCount, StandingStore } from './standing-store';
export { type StepFault, StepStore } from './step-store';
export { DATABASE_FILE } from './open-folder';
export { isServer, shownLocation } from './postgres/location';
export { openStore, type OpenOptions, type Store } from './store';
export {
  DEAD_LETTERS,
  type DeadLetter,
  queueSchema,
  queueState,
  type QueueState,
  type StepFailure,
} from './postgres/queue-state';
export { type SqlRunner, StoreServer } from './postgres/store-server';
export type { StoreTransaction } from './transact';
export { type WorkerMeans, type WorkerRecord, type WorkerStep, WorkerStore } from './worker-store';
export { type DamagedStep, type StoreVerification, StoreVerifier } from './store-verifier';
export { type Role, ROLES, type TokenRecord, TokenStore } from './token-store';
export { UploadStore } from './upload-store';
export { VIEW_PLACES, type ViewPlace, type ViewRecord, ViewStore } from './view-store';
export { WriteLog, type WriteRecord } from './write-log';
