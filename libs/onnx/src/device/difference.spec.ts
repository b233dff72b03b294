import { boolTensor, float32Tensor, int64Vector } from '../graph/tensor';
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

  it('are measured output by output, and find values that are not finite in their places', () => {
    const found = differences(
      { ...rows(4, -8), z: float32Tensor([1], [1]) },
      { ...rows(4, -7), z: float32Tensor([1], [1]) },
    );
    expect(found).toEqual({ y: 0.125, z: 0 });
    expect(differences(rows(NaN, Infinity, 2), rows(NaN, Infinity, 2))).toEqual({ y: 0 });
    expect(differences(rows(1, Infinity), rows(1, 3e38))).toEqual({ y: 1 });
    expect(differences({ y: boolTensor([1], [true]) }, rows(1))).toEqual({ y: 1 });
  });

  it('are all where shapes differ, values are missing, or whole numbers are others', () => {
    expect(differences(rows(1, 2), rows(1))).toEqual({ y: 1 });
    expect(differences(rows(1), {})).toEqual({ y: 1 });
    expect(differences({ y: int64Vector([3]) }, { y: int64Vector([4]) })).toEqual({ y: 1 });
  });

  it('are measured part by part, each by its own largest value, where an output has parts', () => {
    const parts = {
      y: [
        [0, 2],
        [2, 4],
      ],
    } as const;
    const far = (...values: number[]) => differences(rows(100, 50, 2, 1), rows(...values), [], parts)['y'];
    expect(far(100, 50, 2, 1.5)).toBe(0.25);
    expect(far(75, 50, 2, 1)).toBe(0.25);
    // Beside much larger ones small values are the rounding of sums.
    const small = differences(rows(100, 0, 1e-7, 0), rows(100, 0, 2e-7, 0), [], parts)['y'];
    expect(small).toBeCloseTo(1e-7, 10);
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

describe('agree', () => {
  it('allows rounding in every output', () => {
    expect(agree({ y: 1e-6, z: 0.001 })).toBe(true);
    expect(agree({ y: 1e-6, z: 0.0011 })).toBe(false);
    expect(agree({ y: NaN })).toBe(false);
  });
});
