/** A model that a loop of retraining came by, and its errors on images held back. */
export interface Choice {
  readonly model: Uint8Array;
  readonly quantity: number;
  readonly round: number;
  readonly clean: number;
  readonly worst: number;
}

type Errors = Pick<Choice, 'clean' | 'worst'>;

/** Choices of which no other is as good in both errors and better in one, by clean error; of equal ones the first. */
export function frontOf<T extends Errors>(choices: readonly T[]): T[] {
  const sorted = [...choices].sort((a, b) => a.clean - b.clean || a.worst - b.worst);
  return sorted.filter(({ worst }, i) => sorted.slice(0, i).every((earlier) => earlier.worst > worst));
}

/** The lowest worst-case error at a clean error of at most so much; where all are above, the lowest clean error. */
export function withinTarget<T extends Errors>(
  choices: readonly T[],
  cleanError: number,
): { readonly chosen: T; readonly met: boolean } {
  const front = frontOf(choices);
  const chosen = front.findLast(({ clean }) => clean <= cleanError);
  return { chosen: chosen ?? front[0]!, met: chosen !== undefined };
}
