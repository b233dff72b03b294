import type { NormName } from '@rampart/core';

import { distancesOf, median, openReference, references } from './load-reference';

/** What finds the nearest examples of each norm: in l0 no single attack is near on every image. */
const ATTACKS: Readonly<Record<NormName, readonly string[]>> = {
  linf: ['fmn(norm=linf)'],
  l2: ['ddn', 'fmn(norm=l2)'],
  l1: ['fmn(norm=l1)'],
  l0: ['sigma-zero', 'fmn(norm=l0)', 'brendel-bethge(norm=l0)'],
};

const known = Object.entries(references).filter(([, { nearest }]) => nearest !== undefined);

describe.each(known)('the nearest examples on %s', (name, { nearest }) => {
  it.each(Object.keys(ATTACKS) as NormName[])('are as near as any that the libraries found, in %s', async (norm) => {
    const subject = await openReference(name);
    const best = nearest![norm].map((distance) => distance ?? Infinity);
    const found = new Array<number>(best.length).fill(Infinity);
    for (const attack of ATTACKS[norm]) {
      distancesOf(await subject.attack(attack, best.length), subject, norm).forEach((distance, i) => {
        found[i] = Math.min(found[i]!, distance);
      });
    }
    await subject.classifier.dispose();
    expect(median(found)).toBeLessThanOrEqual(1.02 * median(best));
    const farther = found.flatMap((distance, i) => (distance > 1.1 * best[i]! + 1e-6 ? [`${i}: ${distance}`] : []));
    expect(farther.slice(1)).toEqual([]);
  });
});
