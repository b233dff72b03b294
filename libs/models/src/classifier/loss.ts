import { type AttackLoss, hasRival } from '@rampart/core';
import { float32Tensor, GraphBuilder, int64Tensor, int64Vector, type Model, scalar } from '@rampart/onnx';

import { contested } from '../head/rejection';
import type { Headed } from './head';
import { sampleAxis } from './sample-axis';

/** A model with a loss of its logits. */
export interface WithLoss {
  readonly model: Model;
  /** The input [batch, classes], bool: true at each sample's label. */
  readonly mask: string;
  /** The input of the same shape that is true at each sample's rival, where the loss compares with one. */
  readonly rivalMask: string | undefined;
  /** The value of one element a sample: its loss. */
  readonly losses: string;
  /** The value [batch, classes] that losses are taken of: the logits, unless the model may reject samples. */
  readonly of: string;
  /** The value [batch, classes]: each loss differentiated with respect to those. */
  readonly slopes: string;
}

/** Below every logit; not infinite, so that no NaN comes of multiplying it by 0. */
const LOWEST = -3.4028234663852886e38;

/** A denominator up to this counts as 0; logits that are no smaller than 1e-10 do not lie closer to each other. */
const VANISHING = 1e-18;

/** How the k largest logits, in falling order, make up the denominator of a ratio. */
const RATIOS: Readonly<Partial<Record<AttackLoss, readonly number[]>>> = {
  dlr: [1, 0, -1],
  'targeted-dlr': [1, 0, -0.5, -0.5],
};

/** What a loss amounts to with this many classes: a ratio takes more of them than there may be. */
export function lossAmong(classes: number, loss: AttackLoss): AttackLoss {
  if (classes >= (RATIOS[loss]?.length ?? 0)) return loss;
  return hasRival(loss) ? 'difference' : 'margin';
}

/** What losses are taken of, and what a model that may reject samples is attacked for. */
export interface LossOf extends Pick<Headed, 'logits' | 'classes' | 'rejection'> {
  /** Whether the attack aims at a class. Default false. */
  readonly aimed?: boolean | undefined;
  /** Default: any. */
  readonly batch?: number | undefined;
}

/** Appends a loss of the logits to a model, with core's definitions. */
export function appendLoss(
  model: Model,
  loss: AttackLoss,
  { logits, classes, rejection, aimed = false, batch }: LossOf,
): WithLoss {
  const builder = new GraphBuilder(model.graph);
  const samples = sampleAxis(model, batch);
  const maskInput = (name: string) => builder.input(builder.reserve(name), 'bool', [samples, classes]);
  const mask = maskInput('label-mask');
  const rivalMask = hasRival(loss) ? maskInput('rival-mask') : undefined;
  // A loss that compares with a rival is about that one, and away from the label.
  const of = rejection ? contested(builder, rejection, { mask, aimed: aimed && !hasRival(loss) }) : logits;
  const parts = lossParts(builder, { logits: of, mask, rivalMask, classes }, lossAmong(classes, loss));
  return { model: { ...model, graph: builder.build(model.graph.name) }, mask, rivalMask, of, ...parts };
}

interface Rows {
  readonly logits: string;
  readonly mask: string;
  readonly rivalMask: string | undefined;
  readonly classes: number;
}

type Parts = Pick<WithLoss, 'losses' | 'slopes'>;

function lossParts(builder: GraphBuilder, rows: Rows, loss: AttackLoss): Parts {
  if (loss === 'cross-entropy') return crossEntropy(builder, rows);
  const difference = differenceFrom(builder, rows, rows.rivalMask ?? strongestOther(builder, rows));
  const ratio = RATIOS[loss];
  return ratio ? overRatio(builder, rows.logits, difference, ratio) : difference;
}

/**
 * The cross-entropy is computed from the differences d_j = z_j - z_y as log(1 + sum over j != y of exp d_j), and its
 * slope at z_y as minus the sum of the others': softmax(z)_y - 1, the usual form, is 0 in float32 once the model is
 * confident, and with it the part of the gradient that pulls z_y down. In this form it keeps its direction until
 * exp d_j itself vanishes, at differences beyond about 100.
 */
function crossEntropy(builder: GraphBuilder, { logits, mask, classes }: Rows): Parts {
  const zero = builder.constant(scalar(0));
  const minusSum = (rows: string) => weightedSum(builder, rows, new Array<number>(classes).fill(-1));
  const differences = builder.node('Add', [logits, minusSum(only(builder, mask, logits))]);
  // The label's own difference, 0 unless its logit is infinite, is the 1.
  const exponents = builder.node('Where', [mask, zero, differences]);
  const losses = builder.node('ReduceLogSumExp', [exponents, builder.constant(int64Vector([1]))], { keepdims: 0 });
  const others = builder.node('Where', [mask, zero, builder.node('Softmax', [exponents], { axis: 1 })]);
  const slopes = builder.node('Where', [mask, minusSum(others), others]);
  return { losses, slopes };
}

/** z_y - z_r. All but two of the numbers that are added up are 0, so that nothing is rounded but the difference. */
function differenceFrom(builder: GraphBuilder, { logits, mask, classes }: Rows, rivalMask: string): Parts {
  const pair = builder.node('Sub', [only(builder, mask, logits), only(builder, rivalMask, logits)]);
  const asFloats = (flags: string) => builder.node('Cast', [flags], { to: 1 });
  return {
    losses: weightedSum(builder, pair, new Array<number>(classes).fill(1)),
    slopes: builder.node('Sub', [asFloats(mask), asFloats(rivalMask)]),
  };
}

/** A mask of the largest logit but the label's, the first one of equals. */
function strongestOther(builder: GraphBuilder, { logits, mask, classes }: Rows): string {
  const others = builder.node('Where', [mask, builder.constant(scalar(LOWEST)), logits]);
  const index = builder.node('ArgMax', [others], { axis: 1, keepdims: 1 });
  const indices = Array.from({ length: classes }, (_, j) => j);
  return builder.node('Equal', [index, builder.constant(int64Tensor([1, classes], indices))]);
}

/**
 * A difference f over a sum r of the largest logits: its slope is f' / r - f r' / r^2, where r' has the weights at the
 * places of those logits. Where r vanishes, the difference itself.
 */
function overRatio(builder: GraphBuilder, logits: string, difference: Parts, weights: readonly number[]): Parts {
  const count = builder.constant(int64Vector([weights.length]));
  const [largest, places] = builder.node('TopK', [logits, count], { axis: 1 }, { outputs: 2 }) as [string, string];
  const sum = weightedSum(builder, largest, weights);
  const divides = builder.node('Greater', [sum, builder.constant(scalar(VANISHING))]);
  const divisor = builder.node('Where', [divides, sum, builder.constant(scalar(1))]);
  const losses = builder.node('Div', [difference.losses, divisor]);
  const negated = builder.constant(
    float32Tensor(
      [1, weights.length],
      weights.map((weight) => -weight),
    ),
  );
  const shares = builder.node('Mul', [only(builder, divides, losses), negated]);
  const total = builder.node('ScatterElements', [difference.slopes, places, shares], { axis: 1, reduction: 'add' });
  return { losses, slopes: builder.node('Div', [total, divisor]) };
}

/** The values with zeros in place of those that the mask does not name. */
function only(builder: GraphBuilder, mask: string, values: string): string {
  return builder.node('Where', [mask, values, builder.constant(scalar(0))]);
}

/** The sum of each row [batch, 1], its elements weighted; as a product it is faster than ReduceSum. */
function weightedSum(builder: GraphBuilder, rows: string, weights: readonly number[]): string {
  return builder.node('MatMul', [rows, builder.constant(float32Tensor([weights.length, 1], weights))]);
}
