/** The parts of its questions after which a random search looks at its prospects. */
const LOOKS = [0.1, 0.2, 0.4, 0.7] as const;

/** How many times as much as a search gained in its last doubling it may be expected to gain in each to come. */
const HOPE = 3;

/**
 * The part of changes that leave the margin just as it was from which on it is one that comes in steps: of three smooth
 * networks' changes it was 0.016 at most.
 */
const STEPPED = 0.1;

/**
 * Tells a random search whether it will get there. What such a search gains in each doubling of its questions falls off:
 * where the margin that is left is more than three times what the last doubling gained, times the doublings that are
 * left, it is given up. Of 84 instances that the Square attack alone broke on two networks, with up to 4,967 of its
 * 5,000 queries, none would have been given up; the queries of all instances would have been halved on the one network,
 * and come down to a fifth on the other. A margin that comes in steps says nothing while it stays on one: such a search
 * is not given up.
 */
export class Prospects {
  private readonly looks: readonly { readonly at: number; readonly half: number }[];
  private readonly halves = new Map<number, number>();
  private same = 0;

  constructor(private readonly total: number) {
    this.looks = LOOKS.map((part) => Math.round(part * total))
      .filter((at) => at >= 2 && at < total)
      .map((at) => ({ at, half: at >> 1 }));
  }

  /**
   * @param count questions so far, one more each time
   * @param lowest the lowest margin so far
   * @param same whether the last change left it just as it was
   */
  isHopeless(count: number, lowest: number, same: boolean): boolean {
    if (same) this.same++;
    const look = this.looks.find(({ at }) => at === count);
    if (this.looks.some(({ half }) => half === count)) this.halves.set(count, lowest);
    if (!look || this.same > STEPPED * count) return false;
    const gained = this.halves.get(look.half)! - lowest;
    return lowest > HOPE * gained * Math.log2(this.total / count);
  }
}
