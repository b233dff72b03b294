import type { ElementType, Graph, Model, Tensor } from './ir';

/** A size, or a formula of the batch size: `batch`, `4*batch`, `batch+1`. Equal formulas are equal sizes. */
export type ProbedDimension = number | string;

export interface ValueType {
  readonly type: ElementType;
  readonly dims: readonly ProbedDimension[];
}

/** What probing a model has found out. */
export interface ValueTypes {
  /** The model in the form that was probed: normalised, with the branches taken that its shapes decide. */
  readonly model: Model;
  /** Every tensor that is an input, an initializer or made by a node of the main graph. */
  readonly values: ReadonlyMap<string, ValueType>;
  /** Values that depend on constants and shapes alone and are the same at every batch size. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /** Values that are the same in every run: initializers, and what is computed from them alone. */
  readonly fixed: ReadonlySet<string>;
  /** The one batch size that the model runs at; undefined where it runs at any. */
  readonly batch: number | undefined;
  /**
   * The same of the graphs inside of nodes, by graph: their own values and those that they use of the graphs around
   * them. One that could not be run by itself is missing.
   */
  readonly inner?: ReadonlyMap<Graph, ValueTypes>;
}

/** Numbers that a run computes for each row of the batch: the elements of all values that grow with it. */
export function elementsPerRow({ values }: ValueTypes): number {
  let sum = 0;
  for (const { dims } of values.values()) {
    if (dims.every((size) => typeof size === 'number')) continue;
    // A formula such as `4*batch` grows by 4.
    sum += dims.reduce<number>((product, size) => product * (typeof size === 'number' ? size : parseInt(size) || 1), 1);
  }
  return sum;
}
