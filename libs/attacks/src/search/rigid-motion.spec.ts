import { moveImage } from './rigid-motion';

const shape = { channels: 2, height: 3, width: 4 };
const image = Float32Array.from({ length: 24 }, (_, k) => k + 1);

function moved(motion: { angle?: number; right?: number; down?: number }, fill?: number): number[] {
  const into = new Float32Array(image.length);
  moveImage(image, shape, { angle: 0, right: 0, down: 0, ...motion }, fill, into);
  return Array.from(into);
}

describe('moveImage', () => {
  it('leaves an image as it is where nothing is to be done', () => {
    expect(moved({})).toEqual(Array.from(image));
  });

  it('shifts by whole pixels exactly', () => {
    expect(moved({ right: 1 }, 0).slice(0, 4)).toEqual([0, 1, 2, 3]);
    expect(moved({ down: -1 }, 0).slice(0, 12)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0, 0]);
  });

  it('takes the mean of neighbours half-way between them', () => {
    expect(moved({ right: -0.5 }, 0).slice(12, 16)).toEqual([13.5, 14.5, 15.5, 8]);
  });

  it('turns by 180 degrees into the reverse', () => {
    moved({ angle: 180 }).forEach((value, k) => {
      const channel = Math.floor(k / 12) * 12;
      expect(value).toBeCloseTo(image[channel + 11 - (k % 12)]!, 5);
    });
  });

  it('turns the right-hand side to the bottom', () => {
    const square = { channels: 1, height: 3, width: 3 };
    const into = new Float32Array(9);
    moveImage(Float32Array.of(0, 0, 0, 0, 0, 1, 0, 0, 0), square, { angle: 90, right: 0, down: 0 }, 0, into);
    [0, 0, 0, 0, 0, 0, 0, 1, 0].forEach((value, k) => expect(into[k]).toBeCloseTo(value, 6));
  });

  it('continues the edges where there is no value to fill with', () => {
    expect(moved({ right: 2 }).slice(0, 4)).toEqual([1, 1, 1, 2]);
  });
});
