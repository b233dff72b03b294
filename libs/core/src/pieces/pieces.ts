/**
 * Work in pieces that do not depend on each other. What they take and what they make lies in memory that threads
 * share, so that it is the same whichever thread does which piece.
 */
export interface Pieces {
  /** Does one of them. */
  piece(index: number): Promise<void>;
  close(): Promise<void>;
}
