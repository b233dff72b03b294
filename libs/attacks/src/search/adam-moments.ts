/** The decay of the mean gradient, of the mean square, and what keeps the division finite: Adam's own. */
const FIRST_DECAY = 0.9;
const SECOND_DECAY = 0.999;
const STABILISER = 1e-8;

/** The running means that Adam divides by each other. @see Kingma and Ba (2015), "Adam", algorithm 1 */
export class AdamMoments {
  private readonly first: Float32Array;
  private readonly second: Float32Array;
  /** 1 over the root of the mean square, bias corrected: what Adam multiplies the mean gradient with. */
  readonly scales: Float32Array;
  private firstLeft = 1;
  private secondLeft = 1;

  constructor(features: number) {
    this.first = new Float32Array(features);
    this.second = new Float32Array(features);
    this.scales = new Float32Array(features);
  }

  /** Takes a gradient in, and overwrites it with the direction to go against: about 1 a feature where signs agree. */
  direct(gradient: Float32Array): void {
    const { first, second, scales } = this;
    this.firstLeft *= FIRST_DECAY;
    this.secondLeft *= SECOND_DECAY;
    const mean = 1 / (1 - this.firstLeft);
    const root = 1 / Math.sqrt(1 - this.secondLeft);
    for (let k = 0; k < gradient.length; k++) {
      const slope = gradient[k]!;
      const m = FIRST_DECAY * first[k]! + (1 - FIRST_DECAY) * slope;
      const v = SECOND_DECAY * second[k]! + (1 - SECOND_DECAY) * slope * slope;
      first[k] = m;
      second[k] = v;
      const scale = 1 / (Math.sqrt(v) * root + STABILISER);
      scales[k] = scale;
      gradient[k] = m * mean * scale;
    }
  }
}
