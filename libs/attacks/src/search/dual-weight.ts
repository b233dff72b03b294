/** What the dual variable of the constraint moves by in a last step, as a part of a first one. */
const LAST_PART = 0.1;
/** The weight of the past in the running mean. */
const MEMORY = 0.9;
/** Neither weight is smaller than this part of the other. */
const LEAST_RATIO = 1e-6;

/**
 * The weights of distance and constraint in a Lagrangian, both above 0 and 1 in sum: that of the constraint, "the point
 * evades", grows exponentially as long as it is broken and falls as long as it holds. What counts is their running mean.
 * @see Matyasko and Chau (2021), "PDPGD: primal-dual proximal gradient descent adversarial attack", section 3
 */
export class DualWeight {
  private logit: number;
  private mean: number;

  /**
   * @param ratio the weight of the distance to begin with, as a part of the constraint's
   * @param rate what a first step adds to the logarithm of the constraint's weight
   */
  constructor(
    ratio: number,
    private readonly rate: number,
    private readonly steps: number,
  ) {
    this.logit = -Math.log(ratio);
    this.mean = 1 / (1 + ratio);
  }

  get ofConstraint(): number {
    return this.mean;
  }

  get ofDistance(): number {
    return 1 - this.mean;
  }

  /** Takes in whether the point of a step evades. */
  update(evades: boolean, step: number): void {
    const left = 1 - step / this.steps;
    const rate = this.rate * (LAST_PART + (1 - LAST_PART) * left);
    const most = -Math.log(LEAST_RATIO);
    this.logit = Math.max(-most, Math.min(most, this.logit + (evades ? -rate : rate)));
    this.mean = MEMORY * this.mean + (1 - MEMORY) / (1 + Math.exp(-this.logit));
  }
}

/** The slope of softplus(max(margin, 0)): how much of a margin's gradient counts. */
export function pressure(margin: number): number {
  return margin > 0 ? 1 / (1 + Math.exp(-margin)) : 0;
}
