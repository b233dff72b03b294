import type { NormName } from '@rampart/core';

import { distancesOf, openReference, references } from './load-reference';

/*
 * Prints how near attacks come, in at most 2,000 propagations of an instance, to the nearest examples known of the
 * reference models: the local optimality of AttackBench (Cinà et al. 2025), in percent, and by how much the area under
 * their curves of robust accuracy is above that of the nearest examples.
 *   node -r @swc-node/register --conditions=@rampart/source test/reference/optimality.main.ts
 */

const PROPAGATIONS = 2000;

/** A gradient step is a pass forward and one back. `sigma-zero` and `fmn` in l0 end with passes forward alone. */
const ATTACKS: Readonly<Record<NormName, readonly string[]>> = {
  linf: ['fmn(norm=linf, steps=990)', 'pdpgd(norm=linf, steps=990)', 'brendel-bethge(norm=linf, steps=960)'],
  l2: ['ddn(steps=990)', 'fmn(norm=l2, steps=990)', 'pdgd(steps=990)', 'brendel-bethge(norm=l2, steps=960)'],
  l1: ['fmn(norm=l1, steps=990)', 'pdpgd(norm=l1, steps=990)', 'brendel-bethge(norm=l1, steps=960)'],
  l0: ['sigma-zero(steps=850)', 'fmn(norm=l0, steps=850)', 'brendel-bethge(norm=l0, steps=600)'],
};

/** Two attacks that draw a curve together, each with all of its passes. */
const TOGETHER: Readonly<Partial<Record<NormName, readonly string[]>>> = {
  l0: ['sigma-zero(steps=850)', 'brendel-bethge(norm=l0, steps=600)'],
};

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/**
 * 1 - (A - A*) / (A0 - A*), with the areas under robust accuracy against epsilon up to the farthest of the nearest
 * examples known, what each instance adds to an area being its distance, at most that; and A / A* - 1.
 */
function compare(found: readonly number[], best: readonly number[]): { optimality: number; above: number } {
  const end = Math.max(...best.filter(Number.isFinite));
  const area = (distances: readonly number[]) => sum(distances.map((distance) => Math.min(distance, end)));
  const none = area(best.map((distance) => (distance === 0 ? 0 : end)));
  return {
    optimality: 1 - (area(found) - area(best)) / (none - area(best)),
    above: area(found) / area(best) - 1,
  };
}

async function main(): Promise<void> {
  process.stdout.write(
    'model  norm  attack  optimality  area above the least  optimality beside what others found  propagations, at most\n',
  );
  for (const [name, { nearest }] of Object.entries(references)) {
    if (nearest === undefined) continue;
    const subject = await openReference(name);
    for (const norm of Object.keys(ATTACKS) as NormName[]) {
      const known = nearest[norm].map((distance) => distance ?? Infinity);
      const runs: { attack: string; found: number[]; most: number }[] = [];
      for (const attack of ATTACKS[norm]) {
        const evasion = await subject.attack(attack, known.length);
        const { forwardEvaluations: forward, gradientEvaluations: back } = evasion;
        const most = Math.max(...Array.from(forward, (passes, i) => passes + 2 * back[i]!));
        runs.push({ attack, found: distancesOf(evasion, subject, norm), most });
      }
      const both = runs.filter(({ attack }) => TOGETHER[norm]?.includes(attack));
      if (both.length > 0) {
        runs.push({
          attack: both.map(({ attack }) => attack).join(' and '),
          found: known.map((_, i) => Math.min(...both.map(({ found }) => found[i]!))),
          most: sum(both.map(({ most }) => most)),
        });
      }
      const best = known.map((distance, i) => Math.min(distance, ...runs.map(({ found }) => found[i]!)));
      for (const { attack, found, most } of runs) {
        const { optimality, above } = compare(found, best);
        const percent = [optimality, above, compare(found, known).optimality].map((part) => (100 * part).toFixed(1));
        process.stdout.write(`${[name, norm, attack, ...percent, `${most}/${PROPAGATIONS}`].join('  ')}\n`);
      }
    }
    await subject.classifier.dispose();
  }
}

void main();
