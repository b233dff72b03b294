import fc from 'fast-check';

import type { NormName } from './norm';
import { formatThreat, parseThreat, parseThreats } from './parse-threats';

const UNITS = 'with a number above 0 in the units of the pixel box';
const COUNT = 'Expected l0(epsilon) with the number of features that may change, from 1 on, such as l0(20).';

describe('parseThreat', () => {
  it.each<[string, NormName, number]>([
    ['linf(8/255)', 'linf', 8 / 255],
    ['linf(epsilon=0.3)', 'linf', 0.3],
    [' l2 ( epsilon = 1/2 ) ', 'l2', 0.5],
    ['l1(12)', 'l1', 12],
    ['l0(20)', 'l0', 20],
  ])('reads %s', (text, norm, epsilon) => {
    expect(parseThreat(text)).toEqual({ norm, epsilon });
  });

  it.each([
    ['lnf(0.3)', 'Unknown norm "lnf". Did you mean "linf"? Known: l0, l1, l2, linf.'],
    ['Linf(0.3)', 'Unknown norm "Linf". Did you mean "linf"? Known: l0, l1, l2, linf.'],
    ['constructor(1)', 'Unknown norm "constructor". Known: l0, l1, l2, linf.'],
    ['', `"" is no threat. Expected norm(epsilon) ${UNITS}, such as linf(8/255).`],
    ['0.3', `"0.3" is no threat. Expected norm(epsilon) ${UNITS}, such as linf(8/255).`],
    ['linf(0.3', `"linf(0.3" is no threat. Expected norm(epsilon) ${UNITS}, such as linf(8/255).`],
    ['linf(a=1)', `"linf(a=1)" is no threat. Expected norm(epsilon) ${UNITS}, such as linf(8/255).`],
    ['l2(1, 2)', `"l2(1, 2)" is no threat. Expected norm(epsilon) ${UNITS}, such as linf(8/255).`],
    ['linf', `"linf" has no epsilon. Expected norm(epsilon) ${UNITS}, such as linf(8/255).`],
    ['l2()', `"l2()" has no epsilon. Expected norm(epsilon) ${UNITS}, such as l2(0.5).`],
    ['l1(epsilon=)', `"l1(epsilon=)" has no epsilon. Expected norm(epsilon) ${UNITS}, such as l1(12).`],
    ['l0', `"l0" has no epsilon. ${COUNT}`],
    ...['0', '-0.3', '0/255', '-1/2'].map((epsilon): [string, string] => [
      `linf(${epsilon})`,
      `"linf(${epsilon})" has an epsilon that is not above 0. Expected norm(epsilon) ${UNITS}, such as linf(8/255).`,
    ]),
    ...['NaN', 'Infinity', '8/0', '1e999', 'big'].map((epsilon): [string, string] => [
      `l2(${epsilon})`,
      `"l2(${epsilon})" has an epsilon that is no finite number. Expected norm(epsilon) ${UNITS}, such as l2(0.5).`,
    ]),
    ['l0(0)', `"l0(0)" has an epsilon that is not above 0. ${COUNT}`],
    ['l0(0.5)', `"l0(0.5)" does not count features: its epsilon is not whole. ${COUNT}`],
    ['l0(8/255)', `"l0(8/255)" does not count features: its epsilon is not whole. ${COUNT}`],
  ])('refuses "%s"', (text, message) => {
    expect(() => parseThreat(text)).toThrow(expect.objectContaining({ code: 'usage', message }));
  });
});

describe('parseThreats', () => {
  const all = [
    { norm: 'linf', epsilon: 8 / 255 },
    { norm: 'l2', epsilon: 0.5 },
    { norm: 'l1', epsilon: 12 },
    { norm: 'l0', epsilon: 20 },
  ];

  it('reads a list, as one text or as one text an item', () => {
    expect(parseThreats('linf(8/255),l2(0.5), l1(epsilon=12) ,l0(20)')).toEqual(all);
    expect(parseThreats(['linf(8/255)', 'l2(0.5)', 'l1(12)', 'l0(20)'])).toEqual(all);
    expect(parseThreats([])).toEqual([]);
  });

  it('keeps several epsilons of a norm', () => {
    expect(parseThreats('linf(2/255),linf(8/255)')).toHaveLength(2);
  });

  it.each(['linf(0.2),l2(1),linf(0.2)', 'linf(0.2),linf(51/255)'])('refuses what is given twice: %s', (text) => {
    expect(() => parseThreats(text)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: 'The threat linf(0.2) is given twice. Expected each threat once: leave one of the two out.',
      }),
    );
  });

  it.each(['', 'linf(0.3),', 'linf(0.3,l2(0.5)', 'linf(0.3) l2(0.5)'])('refuses "%s"', (text) => {
    expect(() => parseThreats(text)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining('is no threat') }),
    );
  });
});

describe('formatThreat', () => {
  it('is read back as the same threat', () => {
    const epsilon = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, minExcluded: true }),
      fc.integer({ min: 1, max: 255 }).map((level) => level / 255),
    );
    fc.assert(
      fc.property(fc.constantFrom<NormName>('l1', 'l2', 'linf'), epsilon, (norm, value) => {
        const threat = { norm, epsilon: value };
        expect(parseThreat(formatThreat(threat))).toEqual(threat);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it.each<[NormName, number, string]>([
    ['linf', 0.3, 'linf(0.3)'],
    ['linf', 8 / 255, 'linf(8/255)'],
    ['l0', 20, 'l0(20)'],
  ])('writes %s %s as %s', (norm, epsilon, text) => {
    expect(formatThreat({ norm, epsilon })).toBe(text);
  });
});
