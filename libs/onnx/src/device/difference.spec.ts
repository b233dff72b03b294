import { float32Tensor, int64Vector } from '../graph/tensor';
import { agree, differences } from './difference';

const rows = (...values: number[]) => ({ y: float32Tensor([values.length, 1], values) });

describe('differences', () => {
  it.each<[string, number[], number[], number]>([
    ['a part of the largest value', [1, -4, 2], [1, -4, 2.5], 0.125],
    ['nothing', [1, 2], [1, 2], 0],
    ['all where one of two is not finite', [1, 2], [1, NaN], 1],
    ['all where nothing was expected', [0, 0], [0, 1e-9], 1],
  ])('are %s', (_what, expected, received, difference) => {
    expect(differences(rows(...expected), rows(...received))).toEqual({ y: difference });
  });

  it('are all where shapes differ, values are missing, or whole numbers are others', () => {
    expect(differences(rows(1, 2), rows(1))).toEqual({ y: 1 });
    expect(differences(rows(1), {})).toEqual({ y: 1 });
    expect(differences({ y: int64Vector([3]) }, { y: int64Vector([4]) })).toEqual({ y: 1 });
  });

  it('leave out the few rows of a gradient that are at a kink, and no more of them', () => {
    const expected = new Array<number>(16).fill(1);
    const atKinks = rows(...expected.map((value, i) => (i < 2 ? 2 * value : value)));
    expect(agree(differences(rows(...expected), atKinks, ['y']))).toBe(true);
    expect(agree(differences(rows(...expected), atKinks))).toBe(false);
    const wrong = rows(...expected.map((value, i) => (i < 3 ? 2 * value : value)));
    expect(differences(rows(...expected), wrong, ['y'])).toEqual({ y: 1 });
    // Of two rows one may be, of one none.
    expect(differences(rows(1, 1), rows(1, 2), ['y'])).toEqual({ y: 0 });
    expect(differences(rows(1), rows(2), ['y'])).toEqual({ y: 1 });
  });
});
