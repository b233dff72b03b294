import fc from 'fast-check';

import { formatNumber, parseNumber } from './fraction';

describe('parseNumber', () => {
  it.each<[string, number]>([
    ['0.1', 0.1],
    ['8/255', 8 / 255],
    ['-1/2', -0.5],
    ['1e-3/2', 0.0005],
    ['1/2.5e2', 0.004],
    [' 8 / 255 ', 8 / 255],
    ['+3', 3],
    ['.5', 0.5],
    ['12.', 12],
    ['2E3', 2000],
    ['0/255', 0],
  ])('reads %s', (text, value) => {
    expect(parseNumber(text)).toBe(value);
  });

  it.each([
    ['8/0', 'divides by zero'],
    ['0/0.0', 'divides by zero'],
    ['', 'is no number'],
    ['8/', 'is no number'],
    ['/255', 'is no number'],
    ['1/2/3', 'is no number'],
    ['1/-2', 'is no number'],
    ['8/255px', 'is no number'],
    ['0x10', 'is no number'],
    ['NaN', 'is no number'],
    ['Infinity', 'is no number'],
    ['1e999', 'is too large'],
    ['1e300/1e-300', 'is too large'],
  ])('refuses "%s", which %s', (text, why) => {
    const message = `"${text}" ${why}. Expected a finite number, such as 0.1 or 8/255.`;
    expect(() => parseNumber(text)).toThrow(expect.objectContaining({ code: 'usage', message }));
  });
});

describe('formatNumber', () => {
  it('writes levels of 8-bit images as fractions, unless they have a short decimal', () => {
    const written = Array.from({ length: 255 }, (_, i) => formatNumber((i + 1) / 255));
    expect(written.filter((text) => !text.endsWith('/255'))).toEqual(['0.2', '0.4', '0.6', '0.8', '1']);
    expect([written[0], written[7], written[253]]).toEqual(['1/255', '8/255', '254/255']);
  });

  it.each([0.1, 0.3, 0.0314, 0.03137254901960785, 1 / 7, 256 / 255, 3 / 254, -8 / 255, 0, 1e-8, 1e21])(
    'leaves %s as it is',
    (value) => {
      expect(formatNumber(value)).toBe(String(value));
    },
  );

  it('is read back to the same double', () => {
    const level = fc.integer({ min: 0, max: 300 }).map((k) => k / 255);
    const value = fc.oneof(level, fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(value, (number) => {
        expect(parseNumber(formatNumber(number))).toBe(Object.is(number, -0) ? 0 : number);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});
