import type { StandingDifference } from '../report/compare-models';
import type { Measured } from '../report/over-seeds';
import type { Peculiarities } from '../report/peculiarities';
import type { ModelStanding, StandingTable } from '../report/standings';

import { formatFigure } from './figure-text';
import { modeText } from './robustness-wording';

/** What the standing of a model is told in, in the order of `standingCells`. */
export const STANDING_COLUMNS: readonly string[] = [
  ...['robust accuracy', 'attack success', 'no attack', 'attackable', 'rank'],
];

export const STANDING_NOTE =
  'Of the instances that could be attacked: those of an attacked class that a model gets right without an attack. Each figure in the worst case over the attacks, instance by instance, with its 95% interval. "no attack" is of all attacked instances.';

/** `Standing under linf(8/255): attacks on the model itself (adaptive, white-box)` */
export function standingTitle({ threat, mode, models }: StandingTable, peculiarities: Peculiarities): string {
  const labels = models.map(({ model }) => model);
  return `Standing${threat === undefined ? '' : ` under ${threat}`}: ${modeText(mode, labels, peculiarities)}`;
}

/** The figures of a model in words, in the order of `STANDING_COLUMNS`. */
export function standingCells(standing: ModelStanding, models: readonly ModelStanding[]): string[] {
  const { robustAccuracy, success, cleanAccuracy, attacked, attackable, unmoved } = standing;
  const [fewest, most] = attackable;
  const unattacked = unmoved > 0 ? `, ${unmoved} not moved` : '';
  return [
    measuredText(robustAccuracy),
    measuredText(success),
    formatFigure(cleanAccuracy.value, 'fraction'),
    `${fewest === most ? most : `${fewest} to ${most}`} of ${attacked}${unattacked}`,
    rankText(standing, models),
  ];
}

/** `0.00% (0.00 to 8.03)`, with the deviation over the seeds. */
export function measuredText({ value, low, high, deviation }: Measured): string {
  const spread = deviation === undefined ? '' : ` ± ${formatFigure(deviation, 'fraction')}`;
  return `${formatFigure(value, 'fraction')}${spread} (${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)})`;
}

/** `1`, `1, tied`, `baseline`, `not established`; `-` where there is nothing to rank. */
function rankText({ rank, undefended, established }: ModelStanding, models: readonly ModelStanding[]): string {
  if (undefended) return 'baseline';
  if (!established) return 'not established';
  if (rank === undefined) return '-';
  return models.filter((one) => one.rank === rank).length > 1 ? `${rank}, tied` : String(rank);
}

/** Of every two models, whether they differ by more than noise; nothing where every model falls. */
export function differenceLines({ headline, differences }: StandingTable): string[] {
  return headline.kind === 'falls' ? [] : differences.map(differenceText);
}

/** `rad(attack=adam) and lenet5: +12.0 points, more than noise (McNemar's exact test, p = 0.002)` */
function differenceText({ models: [first, second], difference, apart, ...test }: StandingDifference): string {
  const points = `${difference < 0 ? '-' : '+'}${(100 * Math.abs(difference)).toFixed(2)} points`;
  return `${first} and ${second}: ${points}, ${apart ? 'more than noise' : 'within noise'} (${testText(test)})`;
}

function testText({ test, p, low, high }: Pick<StandingDifference, 'test' | 'p' | 'low' | 'high'>): string {
  if (test === 'mcnemar') return `McNemar's exact test, p = ${p! < 0.001 ? p!.toExponential(1) : p!.toPrecision(2)}`;
  if (test === 'intervals') return 'not paired; by whether their intervals overlap';
  return `paired interval over the seeds, ${(100 * low!).toFixed(2)} to ${(100 * high!).toFixed(2)} points`;
}
