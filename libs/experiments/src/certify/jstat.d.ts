/** The part of jstat that is used: the library comes without types. */
declare module 'jstat' {
  /** The beta distribution. */
  export const beta: { inv(probability: number, alpha: number, beta: number): number };
  /** The normal distribution. */
  export const normal: { inv(probability: number, mean: number, deviation: number): number };
}
