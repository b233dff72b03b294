import { type CellMode, type CellRecord, type CurveRecord, nameOf, specOf } from '@rampart/results';
import { type Claim, CLAIMS } from '../published/claims';
import type { PublishedDataset } from '../published/tables';
import { arrangeCurves } from './curves';
import { type DoubtfulFigure, doubtfulFigures } from './doubtful-figures';
import type { ReportedFinding } from './findings';
import { type RunFigure, RunFigures } from './run-figures';

/** One comparison that a claim rests on. */
export interface ClaimComparison {
  /** `rad(attack=cg) 0.30% < iaec(attack=cg) 1.50% under adam, static` */
  readonly text: string;
  readonly holds: boolean;
  /** The two figures that are compared. */
  readonly figures: readonly [RunFigure, RunFigure];
}

export interface ClaimVerdict {
  readonly claim: Claim;
  /** `partly`: at least half of the comparisons are as claimed; `not-measured`: the run has none of them. */
  readonly verdict: 'holds' | 'partly' | 'fails' | 'not-measured';
  readonly comparisons: readonly ClaimComparison[];
  /** How many of the comparisons are as claimed. */
  readonly holding: number;
  /** Figures among them with a serious finding, and the audits that found it. */
  readonly doubtful: readonly DoubtfulFigure[];
  /** What a reader must know of its figures: replayed examples, figures in doubt. `It rests on ...` goes on so. */
  readonly restsOn: readonly string[];
}

/**
 * What a run says about the claims that concern its dataset. Figures are means over the run's seeds; all figures
 * that decide are among the comparisons.
 * @param curves the run's curves: C7 is about recall against epsilon, where the run has measured that
 * @param findings what makes the run's figures doubtful
 */
export function judgeClaims(
  dataset: PublishedDataset,
  cells: readonly CellRecord[],
  curves: readonly CurveRecord[],
  findings: readonly ReportedFinding[] = [],
): ClaimVerdict[] {
  const figures = new RunFigures(cells);
  return CLAIMS.filter((claim) => claim.datasets.includes(dataset)).map((claim) => {
    const comparisons = JUDGES[claim.id](figures, curves);
    const holding = comparisons.filter((comparison) => comparison.holds).length;
    const compared = comparisons.flatMap((comparison) => comparison.figures);
    const doubtful = doubtfulFigures(compared, findings);
    const restsOn = [
      ...(compared.some(({ mode }) => mode === 'static') ? [REPLAYED] : []),
      ...(doubtful.length > 0 ? [`figures in doubt: ${doubtful.map(doubtfulText).join('; ')}`] : []),
    ];
    return { claim, verdict: verdictOf(holding, comparisons.length), comparisons, holding, doubtful, restsOn };
  });
}

const REPLAYED = 'replayed examples, which say nothing of an attacker who knows the defense';

function doubtfulText({ model, attack, mode, audits }: DoubtfulFigure): string {
  return `${model} under ${attack}, ${mode} (${audits.join(', ')})`;
}

function verdictOf(holding: number, all: number): ClaimVerdict['verdict'] {
  if (all === 0) return 'not-measured';
  if (holding === all) return 'holds';
  return holding * 2 >= all ? 'partly' : 'fails';
}

type Judge = (figures: RunFigures, curves: readonly CurveRecord[]) => ClaimComparison[];

const UNDEFENDED = 'lenet5';
const ITERATIVE = ['cg', 'adam'];

const JUDGES: Readonly<Record<Claim['id'], Judge>> = {
  C1: (figures) => {
    const others = [...figures.of('aec'), ...figures.of('iaec'), ...figures.of('distillation')];
    return figures
      .of('rad')
      .flatMap((rad) =>
        others.flatMap((other) =>
          figures.attacks.flatMap((attack) => lowerError(figures, rad, other, attack, 'static')),
        ),
      );
  },

  C2: (figures) => [
    ...figures.attacks.flatMap((attack) =>
      lowerError(figures, 'iaec(attack=adam)', 'aec(attack=adam)', attack, 'static'),
    ),
    ...lowerError(figures, 'iaec(attack=adam)', 'aec(attack=adam)', 'none', 'clean'),
  ],

  C3: (figures) =>
    figures.of('rad').flatMap((rad) => {
      const defended = figures.error(rad, 'none', 'clean');
      const undefended = figures.error(UNDEFENDED, 'none', 'clean');
      return compared(defended, undefended, (a, b) => {
        const holds = a.value <= b.value || lowOf(a) <= highOf(b);
        const text = `clean error of ${rad} ${percent(a)} ${percentRange(a)}, of ${UNDEFENDED} ${percent(b)} ${percentRange(b)}`;
        return { holds, text };
      });
    }),

  C4: (figures) =>
    figures.of('rad').flatMap((rad) =>
      figures.attacks
        .filter((attack) => nameOf(attack) === 'fgs')
        .flatMap((fgs) =>
          ITERATIVE.flatMap((iterative) =>
            compared(figures.error(rad, fgs, 'adaptive'), figures.error(rad, iterative, 'adaptive'), (a, b) => ({
              text: `${rad}: ${percent(a)} under ${fgs} and ${percent(b)} under ${iterative}, adaptive`,
              holds: a.value < b.value / 2,
            })),
          ),
        ),
    ),

  C5: (figures) =>
    figures
      .of('iaec')
      .flatMap((iaec) =>
        figures.attacks.flatMap((attack) =>
          lowerError(figures, iaec.replace(/^iaec/, 'rad'), iaec, attack, 'adaptive'),
        ),
      ),

  C6: (figures) =>
    ITERATIVE.flatMap((attack) => {
      const undefended =
        figures.get('distortion', UNDEFENDED, attack, 'adaptive') ??
        figures.get('distortion', UNDEFENDED, attack, 'static');
      const of = (defense: string, holds: (a: RunFigure, b: RunFigure) => boolean, shown: typeof distortion) =>
        figures.of(defense).flatMap((model) =>
          compared(figures.get('distortion', model, attack, 'adaptive'), undefended, (a, b) => ({
            text: `distortion of ${attack} against ${model} ${shown(a)}, against ${UNDEFENDED} ${shown(b)}`,
            holds: holds(a, b),
          })),
        );
      return [
        ...of('rad', (a, b) => Math.abs(a.value / b.value - 1) <= 0.25, distortion),
        ...of(
          'iaec',
          (a, b) => highOf(a) < lowOf(b),
          (figure) => `${distortion(figure)} ${distortionRange(figure)}`,
        ),
      ];
    }),

  C7: (figures, curves) => {
    const sweep = recallOverEpsilon(curves);
    return sweep.length > 1 ? successive(sweep, fallingRecall) : successive(errorOverEpsilon(figures), risingError);
  },
};

interface AtEpsilon {
  readonly epsilon: number;
  readonly figure: RunFigure;
}

/** The undefended model's recall under fgs in the sweep over epsilon, ascending; empty where there was none. */
function recallOverEpsilon(curves: readonly CurveRecord[]): AtEpsilon[] {
  const own = curves.filter(({ diagram, model }) => diagram === 'recall-epsilon' && model === UNDEFENDED);
  const series = arrangeCurves(own)[0]?.series.find(({ name }) => name === `${UNDEFENDED} under fgs`);
  return (series?.points ?? []).map(([epsilon, value]) => {
    const attack = `fgs(epsilon=${epsilon})`;
    return {
      epsilon,
      figure: { metric: 'recall', model: UNDEFENDED, attack, mode: 'adaptive', value, interval: undefined },
    };
  });
}

function errorOverEpsilon(figures: RunFigures): AtEpsilon[] {
  return figures.attacks
    .filter((attack) => nameOf(attack) === 'fgs')
    .flatMap((attack): AtEpsilon[] => {
      const epsilon = Number(specOf(attack)?.params['epsilon']);
      const figure = figures.error(UNDEFENDED, attack, 'static') ?? figures.error(UNDEFENDED, attack, 'adaptive');
      return figure && Number.isFinite(epsilon) ? [{ epsilon, figure }] : [];
    })
    .sort((a, b) => a.epsilon - b.epsilon);
}

/** Each figure compared with the one at the next smaller epsilon. */
function successive(
  points: readonly AtEpsilon[],
  compare: (less: RunFigure, more: RunFigure) => Omit<ClaimComparison, 'figures'>,
): ClaimComparison[] {
  return points.slice(1).map(({ figure }, index) => {
    const before = points[index]!.figure;
    return { ...compare(before, figure), figures: [before, figure] };
  });
}

function fallingRecall(less: RunFigure, more: RunFigure): Omit<ClaimComparison, 'figures'> {
  const text = `${UNDEFENDED}: recall ${percent(less)} under ${less.attack}, ${percent(more)} under ${more.attack}`;
  // Where nothing is recognised any more, a larger epsilon cannot do more.
  return { text, holds: more.value < less.value || (less.value === 0 && more.value === 0) };
}

function risingError(less: RunFigure, more: RunFigure): Omit<ClaimComparison, 'figures'> {
  const text = `${UNDEFENDED}: error ${percent(less)} under ${less.attack}, ${percent(more)} under ${more.attack}`;
  return { text, holds: less.value < more.value };
}

/** The comparison that the error rate of `low` is below that of `high`; empty where one of them is not measured. */
function lowerError(figures: RunFigures, low: string, high: string, attack: string, mode: CellMode): ClaimComparison[] {
  return compared(figures.error(low, attack, mode), figures.error(high, attack, mode), (a, b) => {
    const holds = a.value < b.value;
    const where = mode === 'clean' ? 'on the unmodified test set' : `under ${attack}, ${mode}`;
    return { text: `${low} ${percent(a)} ${holds ? '<' : '≥'} ${high} ${percent(b)} ${where}`, holds };
  });
}

/** Empty where one of the two figures is not measured. */
function compared(
  a: RunFigure | undefined,
  b: RunFigure | undefined,
  compare: (a: RunFigure, b: RunFigure) => Omit<ClaimComparison, 'figures'>,
): ClaimComparison[] {
  return a && b ? [{ ...compare(a, b), figures: [a, b] }] : [];
}

function lowOf({ interval, value }: RunFigure): number {
  return interval?.[0] ?? value;
}

function highOf({ interval, value }: RunFigure): number {
  return interval?.[1] ?? value;
}

function percent({ value }: RunFigure): string {
  return `${(value * 100).toFixed(2)}%`;
}

function percentRange(figure: RunFigure): string {
  return `(${(lowOf(figure) * 100).toFixed(2)} to ${(highOf(figure) * 100).toFixed(2)})`;
}

function distortion({ value }: RunFigure): string {
  return value.toFixed(4);
}

function distortionRange(figure: RunFigure): string {
  return `(${lowOf(figure).toFixed(4)} to ${highOf(figure).toFixed(4)})`;
}
