import { argmax, type AttackLoss, hasRival, margin } from './classifier';
import { RampartError } from './error';

/** A loss of one row of logits, and its derivatives with respect to them. */
export interface LogitLoss {
  readonly value: number;
  /** One value a class. */
  readonly slope: Float64Array;
}

/**
 * A loss of one row of logits: see `AttackLoss`. The slope of a ratio counts its denominator, as AutoAttack's does.
 * @param rival the other class, for the losses that compare with one
 * @throws RampartError `usage` where the loss needs a rival and there is none
 */
export function lossOfLogits(logits: ArrayLike<number>, label: number, loss: AttackLoss, rival?: number): LogitLoss {
  if (loss === 'cross-entropy') return crossEntropy(logits, label);
  const classes = logits.length;
  const others = Array.from(logits, (value, j) => (j === label ? -Infinity : value));
  const against = hasRival(loss) ? checkRival(rival, classes, loss) : argmax(others, 0, classes);
  const value = hasRival(loss) ? logits[label]! - logits[against]! : margin(logits, 0, classes, label);
  const slope = new Float64Array(classes);
  slope[label]! += 1;
  slope[against]! -= 1;
  const ratio = ratioOf(logits, loss);
  if (!ratio || ratio.size === 0) return { value, slope };
  // (f / r)' = f' / r - f r' / r^2
  for (let j = 0; j < classes; j++) slope[j] = slope[j]! / ratio.size - (value / ratio.size ** 2) * ratio.slope[j]!;
  return { value: value / ratio.size, slope };
}

/** The same loss of every row of logits [count, classes]. */
export function lossesOfLogits(
  logits: Float32Array,
  classes: number,
  of: { readonly labels: Int32Array; readonly loss: AttackLoss; readonly rivals: Int32Array | undefined },
): Float32Array {
  return Float32Array.from(
    of.labels,
    (label, i) => lossOfLogits(logits.subarray(i * classes, (i + 1) * classes), label, of.loss, of.rivals?.[i]).value,
  );
}

/** The denominator of a difference of logits ratio; undefined where the loss has none. */
function ratioOf(logits: ArrayLike<number>, loss: AttackLoss): { size: number; slope: Float64Array } | undefined {
  const classes = logits.length;
  if (!(loss === 'dlr' && classes >= 3) && !(loss === 'targeted-dlr' && classes >= 4)) return undefined;
  const order = Array.from({ length: classes }, (_, j) => j).sort((a, b) => logits[b]! - logits[a]!);
  const slope = new Float64Array(classes);
  slope[order[0]!] = 1;
  if (loss === 'dlr') slope[order[2]!] = -1;
  else slope[order[2]!] = slope[order[3]!] = -0.5;
  let size = 0;
  for (let j = 0; j < classes; j++) if (slope[j] !== 0) size += slope[j]! * logits[j]!;
  return { size, slope };
}

/** In differences to the label's logit, so that the loss of a confident model does not vanish in 1 - softmax. */
function crossEntropy(logits: ArrayLike<number>, label: number): LogitLoss {
  const slope = new Float64Array(logits.length);
  const differences = Array.from(logits, (value) => value - logits[label]!);
  const largest = differences.reduce((a, b) => Math.max(a, b), -Infinity);
  const exponentials = differences.map((difference) => Math.exp(difference - largest));
  const others = exponentials.reduce((total, value, j) => total + (j === label ? 0 : value), 0);
  const sum = others + exponentials[label]!;
  exponentials.forEach((value, j) => (slope[j] = j === label ? -others / sum : value / sum));
  return { value: largest === 0 ? Math.log1p(others) : Math.log(sum) + largest, slope };
}

function checkRival(rival: number | undefined, classes: number, loss: AttackLoss): number {
  if (rival !== undefined && rival >= 0 && rival < classes) return rival;
  throw new RampartError({
    code: 'usage',
    message: `The loss "${loss}" compares with another class. Expected one from 0 to ${classes - 1} for every image. Received: ${rival}.`,
  });
}
