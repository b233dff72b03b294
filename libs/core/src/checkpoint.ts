/**
 * Where long work keeps how far it is, so that it goes on from there when the same work is begun again after it was
 * stopped or killed. What came of it is the same bytes as if it had never been interrupted.
 */
export interface Checkpoint {
  /** Whether it is time to keep a state again: keeping takes a small part of the time of the work. */
  due(): boolean;
  /** The state of a part of the work that was kept last; undefined where none was. */
  read(part: string): Promise<unknown>;
  /**
   * Keeps the state of a part in place of the one before; those of other parts stay. It may not change before it is
   * kept: arrays are read where they lie.
   * @param part names it for good: the path of the generator that it draws from serves
   * @param state plain values and arrays, whose memory threads may share
   */
  keep(part: string, state: unknown): Promise<void>;
}
