import { type AttackLoss, RampartError } from '@rampart/core';
import { float32Tensor, GraphBuilder, int64Vector, type Model, scalar } from '@rampart/onnx';

/** A model with a loss of its logits. */
export interface WithLoss {
  readonly model: Model;
  /** The input [batch, classes], bool: true at each sample's label. */
  readonly mask: string;
  /** The value [batch]: each sample's loss. */
  readonly losses: string;
  /** What to differentiate for the gradient of the losses' sum. */
  readonly differentiated: { readonly of: string; readonly weights: Readonly<Record<string, string>> };
}

/** Below every logit; not infinite, so that no NaN comes of multiplying it by 0. */
const LOWEST = -3.4028234663852886e38;

/** Appends a loss of the logits to a model, with core's definitions. */
export function appendLoss(
  model: Model,
  logits: string,
  classes: number,
  loss: AttackLoss,
  batch: number | 'batch' = 'batch',
): WithLoss {
  const builder = new GraphBuilder(model.graph);
  const mask = builder.input(builder.reserve('label-mask'), 'bool', [batch, classes]);
  const parts = loss === 'margin' ? marginLoss(builder, logits, mask) : crossEntropy(builder, logits, mask, classes);
  return { model: { ...model, graph: builder.build(model.graph.name) }, mask, ...parts };
}

type Parts = Pick<WithLoss, 'losses' | 'differentiated'>;

/**
 * The cross-entropy is computed from the differences d_j = z_j - z_y as log(1 + sum over j != y of exp d_j), and its
 * slope at z_y as minus the sum of the others': softmax(z)_y - 1, the usual form, is 0 in float32 once the model is
 * confident, and with it the part of the gradient that pulls z_y down. In this form it keeps its direction until
 * exp d_j itself vanishes, at differences beyond about 100.
 */
function crossEntropy(builder: GraphBuilder, logits: string, mask: string, classes: number): Parts {
  const zero = builder.constant(scalar(0));
  const column = builder.constant(float32Tensor([classes, 1], new Array<number>(classes).fill(-1)));
  /** Minus the sum of each row; as a product it is faster than ReduceSum. */
  const minusSum = (rows: string) => builder.node('MatMul', [rows, column]);
  const differences = builder.node('Add', [logits, minusSum(labelOnly(builder, logits, mask))]);
  // The label's own difference, 0 unless its logit is infinite, is the 1.
  const exponents = builder.node('Where', [mask, zero, differences]);
  const losses = builder.node('ReduceLogSumExp', [exponents, builder.constant(int64Vector([1]))], { keepdims: 0 });
  const others = builder.node('Where', [mask, zero, builder.node('Softmax', [exponents], { axis: 1 })]);
  const slopes = builder.node('Where', [mask, minusSum(others), others]);
  return { losses, differentiated: { of: logits, weights: { [logits]: slopes } } };
}

function marginLoss(builder: GraphBuilder, logits: string, mask: string): Parts {
  const axis = builder.constant(int64Vector([1]));
  const own = builder.node('ReduceSum', [labelOnly(builder, logits, mask), axis], { keepdims: 0 });
  const others = builder.node('Where', [mask, builder.constant(scalar(LOWEST)), logits]);
  const largest = builder.node('ReduceMax', [others, axis], { keepdims: 0 });
  const losses = builder.node('Sub', [own, largest]);
  return { losses, differentiated: { of: losses, weights: {} } };
}

/** The logits with zeros in place of all but the label's. */
function labelOnly(builder: GraphBuilder, logits: string, mask: string): string {
  return builder.node('Where', [mask, logits, builder.constant(scalar(0))]);
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
