import type { AttackOptimality } from '../report/optimality';
import type { SeedFigure, ThreatAttack, ThreatModel } from '../report/threat-tables';

import { formatFigure } from './figure-text';

/** The figures of an attack under a threat in words, in the order of `ATTACK_COLUMNS`. */
export function attackCells(attack: ThreatAttack): string[] {
  const { robustAccuracy, cumulative, success, component } = attack;
  return [
    percentText(robustAccuracy),
    cumulative ? percentText(cumulative) : '',
    percentText(success),
    ...costCells(attack, component === undefined ? '-' : ''),
  ];
}

/** The figures of a ranked attack in words, in the order of `OPTIMALITY_COLUMNS`. */
export function optimalityCells(attack: AttackOptimality): string[] {
  return [percentText(attack.optimality), percentText(attack.success), ...costCells(attack, '-')];
}

/** `91.00% ± 0.40%` */
export function percentText({ value, deviation }: SeedFigure): string {
  const mean = formatFigure(value, 'fraction');
  return deviation === undefined ? mean : `${mean} ± ${formatFigure(deviation, 'fraction')}`;
}

/** The worst case over all attacks in words: `59.00%`, or that an open finding leaves it standing on nothing. */
export function worstText({
  robustAccuracy,
  established,
}: Pick<ThreatModel, 'robustAccuracy' | 'established'>): string {
  const figure = percentText(robustAccuracy);
  return established ? figure : `not established, at most ${figure}`;
}

/** The worst case in a cell: `59.00% (52.07 to 65.58)`, with what is certain: `, certified 40.00%`. */
export function worstCell(
  row: Pick<ThreatModel, 'robustAccuracy' | 'established' | 'certified'>,
  strong: (figure: string) => string = (figure) => figure,
): string {
  const worst = `${strong(worstText(row))} (${intervalText(row.robustAccuracy)})`;
  return row.certified ? `${worst}, certified ${percentText(row.certified)}` : worst;
}

/** `86.22 to 94.23`, in percent; empty for a figure without an interval. */
export function intervalText({ low, high }: SeedFigure): string {
  return low === undefined || high === undefined ? '' : `${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)}`;
}

/** `200 instances, 198 to 199 attackable` */
export function instancesText({ instances, attackable: [fewest, most] }: ThreatModel): string {
  const attackable = fewest === most ? `${most}` : `${fewest} to ${most}`;
  return `${instances} ${instances === 1 ? 'instance' : 'instances'}, ${attackable} attackable`;
}

type Costs = Pick<ThreatAttack, 'distance' | 'gradients' | 'forwards' | 'seconds'>;

/** Means over the seeds: what varies in them are the machine and the few instances that take longer. */
function costCells({ distance, gradients, forwards, seconds }: Costs, noDistance: string): string[] {
  return [
    distance ? digits(distance.value, 4) : noDistance,
    count(gradients.value),
    count(forwards.value),
    seconds ? digits(seconds.value, 3) : '',
  ];
}

function count(value: number): string {
  return value.toFixed(value < 1000 ? 1 : 0);
}

function digits(value: number, precision: number): string {
  return String(Number(value.toPrecision(precision)));
}
