/** The part of jstat that is used: the library comes without types. */
declare module 'jstat' {
  export const studentt: {
    /** The quantile of Student's distribution with the given degrees of freedom. */
    inv(probability: number, degreesOfFreedom: number): number;
  };
}
