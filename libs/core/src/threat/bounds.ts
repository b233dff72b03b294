/** The box of one instance: each feature stays from `lower` to `upper`; a feature that may not change has them equal. */
export interface Bounds {
  readonly lower: Float32Array;
  readonly upper: Float32Array;
}
