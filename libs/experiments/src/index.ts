export { listed, type ModelSource, modelSources } from './components';
export { type DatasetRequest, type Executor, type SharedExecutor, type StepTask, type StepWatch } from './executor';
export { type Experiment, parseExperiment, type Sweep, type TrainingParams } from './experiment';
export type { BaselineComparison } from './gate/baseline';
export type { Verdict } from './gate/decide';
export {
  type Gate,
  type GateFigure,
  gateInstancesPerStep,
  type GateRequest,
  type GateResult,
  openGate,
} from './gate/open-gate';
export { cifar10Cache, type Installation, installation, tryEngine } from './installation';
export { readFeeds } from './feeds';
export { experimentSchema } from './experiment-schema';
export { PREPROCESS_PARTS } from './preprocess-parts';
export { usePlugin } from './plugins/use-plugins';
export { localExecutor } from './local-executor';
export { type Plan, type PlanContext, type PlannedCell, type PlannedModel, planExperiment } from './plan';
export {
  checkPlugin,
  type CheckPluginOptions,
  type ComponentVerdict,
  type LawVerdict,
  type PluginVerdict,
} from './plugins/check-plugin';
export { CORE_VERSION, type LoadedPlugin, loadPlugin } from './plugins/load-plugin';
export { prepare, type Prepared, type PrepareOptions } from './prepare';
export type { BetterParams, Warning } from './warning';
export { describePresets, presetNames, readExperiments } from './read-experiments';
export { PRIORITY, type RunOptions, runPlan } from './runner';
export type { Device } from '@rampart/core';
export { requireDevice, runtimeVersion } from '@rampart/onnx';
export type { Step, StepKind } from './step';
export type { StepSubject, StepTrace, TraceCarrier, TracedStep } from './step-trace';
export { threadExecutor } from './thread-executor';
export { QueueExecutor, queueExecutor, type QueueOptions } from './queue/queue-executor';
export { workerVersion } from './queue/queue-names';
export { workOnQueue, type WorkerOptions } from './queue/queue-worker';
export { type EvaluationRequest, evaluationText } from './evaluation';
export { evadeThroughFront, type ThroughFrontInput } from './inverted-front';
export { checkHardenable } from './check-trainable';
export { hardenedFile, type HardenedFile, type Lineage, LINEAGE } from './hardened-file';
export { gradientOfFile, inspectFile, type OnnxFileParams } from './model-file';
export { type InputGradientOptions, type InspectOptions, type Inspection, parsePreprocess } from '@rampart/models';
export { type FaultyExample, holds, type Verification, type VerifiedSet } from './verify/verification';
export { accuracyAt, type Certification, type CertificationRequest, certifyRun } from './certify/certify-run';
export { verifyExamples } from './verify/verify-examples';
export type { Rounding } from './verify/eight-bit';
export { type EightBitExample, type HandedSet, handedExamples } from './verify/eight-bit-examples';
export type { Examples, ExampleSet } from './verify/example-sets';
