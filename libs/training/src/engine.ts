import type { Crew, DeviceLog, Rng } from '@rampart/core';

import type { InnerAttack } from './inner-attack';
import type { Objective } from './objective';
import type { Optimiser } from './optimiser';

/** One named array with a row a sample. */
export interface View {
  readonly data: Float32Array;
  /** The dimensions of one sample: [1, 28, 28] for an image, channels first, or [2] for class probabilities. */
  readonly shape: readonly number[];
}

export type Views = Readonly<Record<string, View>>;

export interface StartOptions {
  /** An ONNX file: the initial weights. */
  readonly model: Uint8Array;
  readonly objective: Objective;
  readonly optimiser: Optimiser;
  /** Makes a view before every step, at the weights of that step. Needs `rng`. */
  readonly inner?: InnerAttack | undefined;
  /** Where the inner attack draws. */
  readonly rng?: Rng;
  /** Layers whose weights stay as they are: by the names of weights, of what these begin with, or of nodes. */
  readonly frozen?: readonly string[] | undefined;
  /**
   * Whether batch normalisation works as in training: by the statistics of a part of the batch, and moving the running
   * ones. Default: in its inference form.
   */
  readonly batchStatistics?: boolean | undefined;
  /**
   * Adversarial weight perturbation (Wu, Xia and Wang 2020, equation 9): takes the gradient where the weights of each
   * layer have moved by this part of their norm along it. Default 0.
   */
  readonly perturbation?: number | undefined;
  /** Threads of one operator. Default 1. */
  readonly threads?: number;
  /** Threads that may do a part of every step; an engine need not take them. The weights are the same with them. */
  readonly crew?: Crew;
  /** Where gradients are computed, and who is told what was found there; the CPU where nothing is said. */
  readonly device?: DeviceLog | undefined;
}

/** Everything that the next step of a session depends on, besides what the session was started with. */
export interface SessionState {
  /** Steps taken. */
  readonly steps: number;
  /** The rows of the largest batch so far. */
  readonly rows: number;
  /** Weights, averages, what the optimiser keeps: copies, by names of the engine's. */
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

/** A model in training. */
export interface TrainingSession {
  /**
   * One step of the optimiser on one batch.
   * @param views `count` rows of every view that the objective names; changes that the inner attack keeps are written there
   * @param rate multiplies the optimiser's learning rate in this step. Default 1
   * @param reach multiplies the inner attack's epsilon in this step. Default 1
   * @returns the objective's value at the weights before the step, without the weight decay
   */
  step(views: Views, count: number, rate?: number, reach?: number): Promise<number>;
  /**
   * Moves the average of the weights, which at first is the initial ones, towards the weights by this part of the way.
   */
  average(share: number): void;
  /**
   * The ONNX file with the weights so far, or their average: its names, shapes and metadata are those of the initial file.
   */
  model(averaged?: boolean): Promise<Uint8Array>;
  state(): Promise<SessionState>;
  /**
   * Goes on, before its first step, from the state of a session that was started with the same options: the bytes are
   * those that one would have come to.
   * @returns false, and nothing is changed, where the state is that of another model or engine
   */
  restore(state: SessionState): Promise<boolean>;
  dispose(): Promise<void>;
}

/** Whether an engine can run here, and why not. */
export type Availability = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Something that trains models. All engines compute the same: see the conformance kit's `checkEngine`. */
export interface Engine {
  readonly name: string;
  /** Where it runs, such as the native library or backend behind it; for reports. */
  describe(): Promise<string>;
  available(): Promise<Availability>;
  /**
   * @throws RampartError `unavailable` when the engine cannot run here, or not on the device
   * @throws RampartError `bad-model` when it cannot train this model
   */
  start(options: StartOptions): Promise<TrainingSession>;
}
