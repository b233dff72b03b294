/**
 * The publication's objective of coordinate greedy and Adam (section 4): Q(x') = f(x') + c(x', x) with the signed
 * margin f and the cost c(x', x) = exp(lambda * sqrt(sum (x' - x)^2 + 1)). With lambda = 0 the cost is constant and
 * is left out.
 */
export class EvasionObjective {
  constructor(private readonly lambda: number) {}

  /** c(x', x) for the instance whose features start at `offset` in `original`; 0 when lambda is 0. */
  cost(candidate: Float32Array, original: Float32Array, offset: number): number {
    if (this.lambda === 0) return 0;
    return Math.exp(this.lambda * Math.sqrt(squaredDistance(candidate, original, offset) + 1));
  }

  /** Adds dc/dx' to a gradient, in place. */
  addCostGradient(gradient: Float32Array, candidate: Float32Array, original: Float32Array, offset: number): void {
    if (this.lambda === 0) return;
    const root = Math.sqrt(squaredDistance(candidate, original, offset) + 1);
    const factor = (this.lambda * Math.exp(this.lambda * root)) / root;
    for (let k = 0; k < candidate.length; k++) {
      gradient[k] = gradient[k]! + factor * (candidate[k]! - original[offset + k]!);
    }
  }
}

function squaredDistance(candidate: Float32Array, original: Float32Array, offset: number): number {
  let sum = 0;
  for (let k = 0; k < candidate.length; k++) sum += (candidate[k]! - original[offset + k]!) ** 2;
  return sum;
}
