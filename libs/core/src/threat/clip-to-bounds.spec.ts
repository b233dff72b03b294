import { clipToBounds } from './clip-to-bounds';

describe('clipToBounds', () => {
  it('gives the nearest value inside, leaves what is inside alone and does not hide NaN', () => {
    const point = Float32Array.of(-2, 2, 0.25, NaN, 7);
    clipToBounds(point, { lower: Float32Array.of(-1, -1, -1, -1, 3), upper: Float32Array.of(1, 1, 1, 1, 3) });
    expect(point).toEqual(Float32Array.of(-1, 1, 0.25, NaN, 3));
  });
});
