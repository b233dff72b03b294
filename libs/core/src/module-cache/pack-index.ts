/** Characters of the text's hash, which it begins with in a comment. */
export const HASH_LENGTH = 32;

/** Which modules are packed, and what they require. */
export interface PackIndex {
  /** The installation's folder. */
  readonly root: string;
  readonly installed: string;
  /** Files, and what tells each from what it was. */
  readonly files: readonly (readonly [file: string, stamp: string])[];
  /** For each folder, what its modules ask for: places in `files`. */
  readonly requests: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
