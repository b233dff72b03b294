import { type AttackLoss, RampartError } from '@rampart/core';
import { GraphBuilder, int64Vector, type Model, scalar } from '@rampart/onnx';

/** Names that a loss adds to a model. */
export interface LossNames {
  /** The input [batch, classes], bool: true at each sample's label. */
  readonly mask: string;
  /** The value [batch]: each sample's loss. */
  readonly losses: string;
}

/** Below every logit; not infinite, so that no NaN comes of multiplying it by 0. */
const LOWEST = -3.4028234663852886e38;

/**
 * Appends a loss of the logits to a model, with core's definitions.
 *
 * The cross-entropy is computed from the differences d_j = z_j - z_y as log(1 + sum over j != y of exp d_j), the label
 * left out of the sum: softmax(z)_y - 1, which the usual form has as its derivative, is 0 in float32 once the model
 * is confident, and with it the part of the gradient that pulls z_y down. In this form it keeps its direction until
 * exp d_j itself vanishes, at differences beyond about 100.
 */
export function appendLoss(
  model: Model,
  logits: string,
  classes: number,
  loss: AttackLoss,
  batch: number | 'batch' = 'batch',
): LossNames & { readonly model: Model } {
  const builder = new GraphBuilder(model.graph);
  const mask = builder.input(builder.reserve('label-mask'), 'bool', [batch, classes]);
  const losses = loss === 'margin' ? marginLoss(builder, logits, mask) : crossEntropy(builder, logits, mask);
  return { model: { ...model, graph: builder.build(model.graph.name) }, mask, losses };
}

function crossEntropy(builder: GraphBuilder, logits: string, mask: string): string {
  const zero = builder.constant(scalar(0));
  const differences = builder.node('Sub', [logits, labelValue(builder, logits, mask, 1)]);
  const others = builder.node('Where', [mask, zero, differences]);
  // The label's own difference, 0, is the 1.
  return builder.node('ReduceLogSumExp', [others, builder.constant(int64Vector([1]))], { keepdims: 0 });
}

function marginLoss(builder: GraphBuilder, logits: string, mask: string): string {
  const others = builder.node('Where', [mask, builder.constant(scalar(LOWEST)), logits]);
  const axis = builder.constant(int64Vector([1]));
  const largest = builder.node('ReduceMax', [others, axis], { keepdims: 0 });
  return builder.node('Sub', [labelValue(builder, logits, mask, 0), largest]);
}

function labelValue(builder: GraphBuilder, logits: string, mask: string, keepdims: number): string {
  return sum(builder, builder.node('Where', [mask, logits, builder.constant(scalar(0))]), keepdims);
}

function sum(builder: GraphBuilder, values: string, keepdims: number): string {
  return builder.node('ReduceSum', [values, builder.constant(int64Vector([1]))], { keepdims });
}

/** Rows that are true at each label. */
export function labelMask(labels: Int32Array, classes: number): Uint8Array {
  const mask = new Uint8Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) mask[i * classes + labels[i]!] = 1;
  return mask;
}

/** @throws RampartError `bad-data` unless there is one class index for each of `count` images */
export function checkLabels(labels: Int32Array, count: number, classes: number): void {
  if (labels.length !== count) {
    throw new RampartError({
      code: 'bad-data',
      message: `Expected one label for each of ${count} images. Received ${labels.length}.`,
    });
  }
  const bad = labels.findIndex((label) => !(label >= 0 && label < classes));
  if (bad < 0) return;
  throw new RampartError({
    code: 'bad-data',
    message: `Expected labels from 0 to ${classes - 1}, as the model has ${classes} classes. Received ${labels[bad]} at index ${bad}.`,
  });
}
