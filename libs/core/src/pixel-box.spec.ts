import fc from 'fast-check';

import { clip, clipInPlace, pixelBox, PUBLICATION_BOX } from './pixel-box';

describe('pixelBox', () => {
  it.each([
    [1, 1],
    [1, 0],
    [NaN, 1],
    [0, Infinity],
  ])('refuses [%d, %d]', (min, max) => {
    expect(() => pixelBox(min, max)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: `A pixel box needs finite bounds with min < max. Received: min=${min}, max=${max}.`,
      }),
    );
  });

  it("is [-0.5, 0.5] in the publication's experiments", () => {
    expect(PUBLICATION_BOX).toEqual(pixelBox(-0.5, 0.5));
  });
});

describe('clip', () => {
  it('gives the nearest value inside, and leaves what is inside alone', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        const clipped = clip(value, PUBLICATION_BOX);
        expect(clipped >= -0.5 && clipped <= 0.5).toBe(true);
        expect(clipped === value || Math.abs(clipped) === 0.5).toBe(true);
        expect(Math.sign(clipped - value) === Math.sign(-value) || clipped === value).toBe(true);
      }),
      { seed: 1 },
    );
  });

  it('does not hide NaN', () => {
    expect(clip(NaN, PUBLICATION_BOX)).toBeNaN();
    expect(clipInPlace(Float32Array.of(2, NaN, -2, 0.25), PUBLICATION_BOX)).toEqual(
      Float32Array.of(0.5, NaN, -0.5, 0.25),
    );
  });
});
