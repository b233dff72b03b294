import type { Progress } from '@rampart/core';
import type { StepRecord } from '@rampart/results';

import type { OnnxFileParams } from './model-file';
import type { PluginRef } from './plugins/use-plugins';
import type { Step } from './step';
import type { StepSubject } from './step-trace';
import type { StepResult } from './steps/context';

/** A step with the results that it needs. */
export interface StepTask {
  readonly step: Step;
  readonly inputs: readonly StepRecord[];
  /** The dataset as the experiment names it: name and parameters. */
  readonly dataset: DatasetRequest;
  /** Plugins that the experiment's components may come from. */
  readonly plugins?: readonly PluginRef[];
  /** Seconds after which the step is stopped, where the executor can; undefined where nobody said. */
  readonly timeLimit?: number | undefined;
  /** What is said of it in traces. */
  readonly about?: StepSubject | undefined;
}

/** What a worker must load to have the experiment's data. */
export interface DatasetRequest {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly dataDir: string | undefined;
  /** What the model's file calls its columns. */
  readonly names?: readonly string[] | undefined;
  /** The classes of the model that it is fitted to. */
  readonly columns?: number | undefined;
  /** The model file inside of which the samples are values: `attackAt` of it. */
  readonly inside?: OnnxFileParams | undefined;
  /** The checksum that the plan was made for. */
  readonly checksum: string;
}

/** Runs steps here: in this thread, or in threads of their own. Who asks records what comes of them. */
export interface Executor {
  run(task: StepTask, signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<StepResult>;
  close(): Promise<void>;
}

/** What is told of a step that others do. */
export interface StepWatch {
  readonly onBegun: () => void;
  readonly onProgress: (progress: Progress) => void;
}

/** Has others do steps, who record what comes of them: a step that several ask for is done once. */
export interface SharedExecutor {
  /**
   * @throws RampartError whatever the step failed with; `cancelled` when the signal fires
   */
  ask(task: StepTask, signal: AbortSignal, watch: StepWatch): Promise<StepRecord>;
  close(): Promise<void>;
}
