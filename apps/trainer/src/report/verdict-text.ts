import type { GateFigure, GateResult } from '@rampart/experiments';

/** A gate's answer in one line: the verdict, then each threat's figure with its interval and what decided. */
export function verdictText({ verdict, figures, early }: GateResult, atLeast: number): string {
  const told = figures.map((figure) => `${figure.threat} ${figureText(figure, atLeast)}`);
  const end = early ? ' Ended early: nothing that is left can change this.' : '';
  return `${verdict}: ${told.join('; ')}.${end}`;
}

function figureText(figure: GateFigure, atLeast: number): string {
  const { instances, robustAtLeast, robustAtMost, low, high, open, needed } = figure;
  const asked = percent(atLeast);
  const of = `of ${instances} instances`;
  const known = robustAtLeast === robustAtMost;
  const parts: string[] = [];
  if (known) {
    const where = low >= atLeast ? 'at least' : high < atLeast ? 'below' : 'not shown to be at least';
    parts.push(
      `${percent(robustAtMost / instances)} (95% interval ${bare(low)} to ${bare(high)}) ${of}, ${where} ${asked}`,
    );
  } else if (low >= atLeast) {
    parts.push(
      `${percent(robustAtLeast / instances)} or more (95% interval from ${bare(low)}) ${of}, at least ${asked}`,
    );
  } else {
    const where = high < atLeast ? `below ${asked}` : `${asked} asked for`;
    parts.push(`${percent(robustAtMost / instances)} or less (95% interval up to ${bare(high)}) ${of}, ${where}`);
  }
  if (needed !== undefined) parts.push(neededText(needed, percent(robustAtMost / instances)));
  for (const { audit, summary } of open) parts.push(`not established, ${audit}: ${summary.replace(/\.$/, '')}`);
  if (figure.baseline) parts.push(baselineText(figure.baseline));
  return parts.join(', ');
}

function neededText(needed: number, share: string): string {
  return Number.isFinite(needed)
    ? `which ${needed} instances would tell at ${share}`
    : `which no number of instances would tell at ${share}`;
}

function baselineText({ worse, onlyBaseline, onlyModel, p }: NonNullable<GateFigure['baseline']>): string {
  const split = `${onlyBaseline} instances fall that it kept, ${onlyModel} the other way`;
  const chance = p < 0.001 ? p.toExponential(1) : p.toPrecision(2);
  return `${worse ? 'worse than the baseline' : 'not worse than the baseline by more than noise'} (${split}, McNemar p = ${chance})`;
}

function percent(value: number): string {
  return `${bare(value)}%`;
}

function bare(value: number): string {
  return (100 * value).toFixed(1);
}
