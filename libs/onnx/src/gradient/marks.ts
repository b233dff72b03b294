/** What is known about gradients beside type and shape. */
export class Marks {
  /** Those that are zero already wherever their value is not positive. */
  readonly gated = new Set<string>();
  /** Those whose elements are all one number. */
  readonly uniform = new Map<string, number>();
  /** What each is the negative of. */
  readonly negated = new Map<string, string>();
  /** The factors of products of a transposed matrix, or a stack of them, and another: A' B. */
  readonly products = new Map<string, readonly [a: string, b: string]>();
}
