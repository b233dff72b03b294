export { listed, type ModelSource, modelSources } from './components';
export { type DatasetRequest, type Executor, type StepTask } from './executor';
export { type Experiment, parseExperiment, type Sweep, type TrainingParams } from './experiment';
export { localExecutor } from './local-executor';
export { type Plan, type PlanContext, type PlannedCell, type PlannedModel, planExperiment } from './plan';
export { prepare, type Prepared, type PrepareOptions, presetNames, readExperiment } from './prepare';
export { type RunOptions, runPlan } from './runner';
export type { Step, StepKind } from './step';
export { threadExecutor } from './thread-executor';
