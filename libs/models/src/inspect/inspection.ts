import type { ImageShape, PixelBox } from '@rampart/core';

import type { HeadForm } from '../classifier/head';

/** An input or output as the file declares it. */
export interface TensorFact {
  readonly name: string;
  readonly type: string;
  /** Sizes, names of free dimensions, `?` where one has no name. */
  readonly shape: readonly (number | string)[];
}

export interface OperatorFact {
  /** With its domain where that is not ONNX's own: `ai.onnx.ml.TreeEnsembleClassifier`. */
  readonly name: string;
  readonly count: number;
  /** `zero` where the operator changes in steps only; `missing` where there is no rule for it. */
  readonly gradient: 'exact' | 'zero' | 'missing';
}

export interface Finding {
  readonly level: 'good' | 'note' | 'problem';
  readonly text: string;
}

/** A node of the graph to draw. */
export interface GraphNode {
  readonly id: string;
  readonly operator: string;
  /** Identities of the nodes that it reads from. */
  readonly after: readonly string[];
  readonly shape?: string;
  /** Its attributes as text, long ones cut. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** The constants that it reads: type and shape, or the value of a single one. */
  readonly constants?: Readonly<Record<string, string>>;
}

/** The model as a classifier of images. */
export interface ClassifierFact extends HeadForm {
  readonly output: string;
  /** Numbers of one row of that output: 1 where a single one tells two classes apart. */
  readonly columns: number;
  readonly classes: number;
  /** `features` where a sample is a plain row. */
  readonly layout: 'nchw' | 'nhwc' | 'features';
  readonly image: ImageShape;
  readonly box: PixelBox;
  /** The one batch size that it runs at; null where it runs at any. */
  readonly batch: number | null;
  /** The element type that the file takes. */
  readonly taken: string;
  /** The values that it can be cut at and attacked, from the input on. */
  readonly cuts: readonly string[];
}

/** What became of the input gradient. */
export interface GradientFact {
  /** |derived - measured| / |measured| over the elements compared, Euclidean norms; null where all measured are 0. */
  readonly error: number | null;
  /** Elements compared with finite differences: of 36 those at which differences of several sizes agree. */
  readonly compared: number;
  /** Fractions of all elements of the gradient. */
  readonly zero: number;
  readonly nan: number;
  readonly infinite: number;
  /** Where most elements are zero: what was found to explain it. */
  readonly whyZero?: readonly string[];
}

export interface BehaviourFact {
  /** Whether a second run of the same images gave the same bits. */
  readonly deterministic: boolean;
  /** Largest difference between the logits of 7 images in one batch and one by one, by the largest logit. */
  readonly batchDifference: number;
  readonly finite: boolean;
  /** Undefined where the model has no gradient. */
  readonly gradient?: GradientFact;
  /** How attacks get theirs: exactly, straight through steps, or estimated from queries. */
  readonly gradients?: 'exact' | 'straight-through' | 'estimated';
}

/** What a reader wants to know first, a sentence each. */
export interface Summary {
  readonly is: string;
  readonly gradients: string;
  readonly next: string;
}

/** All that looking into a file finds out. */
export interface Inspection {
  readonly summary: Summary;
  readonly inputs: readonly TensorFact[];
  readonly outputs: readonly TensorFact[];
  /** Of ONNX's own domain. */
  readonly opset?: number;
  /** Operator set versions of every domain. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Floating-point numbers that the file holds. */
  readonly parameters: number;
  readonly operators: readonly OperatorFact[];
  readonly head: 'logits' | 'probabilities' | 'hard-labels' | 'unknown';
  readonly classifier?: ClassifierFact;
  readonly behaviour?: BehaviourFact;
  readonly findings: readonly Finding[];
  readonly graph: readonly GraphNode[];
}
