import type { ReportCell } from '../report/tables';

/** A cell of a table in words, every part by itself: how they are put together is the matter of each format. */
export interface FigureText {
  /** `48.86%` */
  readonly measured: string;
  /** Standard deviation over the seeds; undefined for one. */
  readonly deviation: string | undefined;
  /** The 95% confidence interval: `47.90 to 49.82` */
  readonly interval: string;
  /** As the publication prints it. */
  readonly published: string | undefined;
  /** Measured minus published: in percentage points for rates, in percent of the published figure for others. */
  readonly difference: string | undefined;
}

/** What `FigureText.difference` is in. */
export const DIFFERENCE_NOTE =
  'the difference is measured minus published, in percentage points for rates and in percent of the published figure for distortions';

export function figureText(cell: ReportCell, unit: string): FigureText {
  const { value, low, high, deviation, published, difference } = cell;
  return {
    measured: formatFigure(value, unit),
    deviation: deviation === undefined ? undefined : formatFigure(deviation, unit),
    interval: `${bare(low, unit)} to ${bare(high, unit)}`,
    published: published === undefined ? undefined : asPublished(published, unit),
    difference:
      published === undefined || difference === undefined ? undefined : differenceText(difference, published, unit),
  };
}

/** A figure in its unit: percent for fractions. */
export function formatFigure(value: number, unit: string): string {
  return unit === 'fraction' ? `${bare(value, unit)}%` : bare(value, unit);
}

function bare(value: number, unit: string): string {
  if (unit === 'fraction') return (100 * value).toFixed(2);
  return unit === 'pixel units' ? value.toFixed(4) : value.toFixed(1);
}

/** The publication prints 46.1% and 0.045%: no digit is added and none is lost. */
function asPublished(value: number, unit: string): string {
  return unit === 'fraction' ? `${percentDigits(value)}%` : formatFigure(value, unit);
}

function percentDigits(value: number): string {
  return String(Number((100 * value).toFixed(4)));
}

function differenceText(difference: number, published: number, unit: string): string {
  if (unit === 'fraction') {
    const digits = percentDigits(published).split('.')[1]?.length ?? 0;
    return signed(100 * difference, Math.max(2, digits));
  }
  return published === 0 ? signed(difference, 4) : `${signed((100 * difference) / published, 0)}%`;
}

function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return value < 0 ? `-${text}` : `+${text}`;
}
