import { Prospects } from './prospects';

/** After how many of 1,000 questions a search is given up whose lowest margin goes like this; undefined for none. */
function givenUp(
  lowest: (count: number) => number,
  same: (count: number) => boolean = () => false,
): number | undefined {
  const prospects = new Prospects(1000);
  for (let count = 1; count <= 1000; count++) {
    if (prospects.isHopeless(count, lowest(count), same(count))) return count;
  }
  return undefined;
}

describe('Prospects', () => {
  it('gives up a search that has stopped gaining, and one that gains too little', () => {
    expect(givenUp(() => 1)).toBe(100);
    expect(givenUp((count) => (count < 90 ? 1 : 0.99))).toBe(100);
    expect(givenUp((count) => 3 - 0.02 * Math.log2(count))).toBe(100);
  });

  it('goes on while a few more doublings like the last would do', () => {
    // 0.1 a doubling: 0.7 are left at the end, out of the reach of three times as much a doubling only then.
    expect(givenUp((count) => 1 - 0.1 * Math.log2(count))).toBeUndefined();
    expect(givenUp((count) => 1 - count / 300)).toBeUndefined();
  });

  it('goes on where the margin comes in steps, which say nothing in between', () => {
    const lowest = () => 1;
    expect(givenUp(lowest, (count) => count % 5 === 0)).toBeUndefined();
    expect(givenUp(lowest, (count) => count % 20 === 0)).toBe(100);
  });

  it('looks only where it may still tell, however few questions there are', () => {
    const prospects = new Prospects(3);
    expect([1, 2, 3].map((count) => prospects.isHopeless(count, 1, false))).toEqual([false, true, false]);
  });
});
