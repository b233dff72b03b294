import type { Crew } from '@rampart/core';

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
  /** Threads of one operator. Default 1. */
  readonly threads?: number;
  /** Threads that may do a part of every step; an engine need not take them. The weights are the same with them. */
  readonly crew?: Crew;
}

/** A model in training. */
export interface TrainingSession {
  /**
   * One step of the optimiser on one batch.
   * @param views `count` rows of every view that the objective names
   * @param rate multiplies the optimiser's learning rate in this step. Default 1
   * @returns the objective's value at the weights before the step, without the weight decay
   */
  step(views: Views, count: number, rate?: number): Promise<number>;
  /** The ONNX file with the weights so far: its names, shapes and metadata are those of the initial file. */
  model(): Promise<Uint8Array>;
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
   * @throws RampartError `unavailable` when the engine cannot run here
   * @throws RampartError `bad-model` when it cannot train this model
   */
  start(options: StartOptions): Promise<TrainingSession>;
}
