import { formatComponent, isRampartError, parseComponent } from '@rampart/core';

import type { CellMode, CellRecord } from '../records';
import type { PublishedDataset } from './tables';

/** A claim of the publication. */
export interface Claim {
  readonly id: 'C1' | 'C2' | 'C3' | 'C4' | 'C5' | 'C6' | 'C7';
  readonly text: string;
  readonly datasets: readonly PublishedDataset[];
  /** How a run's figures decide it. */
  readonly rule: string;
}

export const CLAIMS: readonly Claim[] = [
  {
    id: 'C1',
    text: 'RAD, retrained with any one attack, has a lower error than AEC, IAEC and distillation on every static attack (tables 1, 2).',
    datasets: ['mnist', 'cifar10'],
    rule: 'Each RAD against each other defense under each static attack: its error rate is lower.',
  },
  {
    id: 'C2',
    text: 'IAEC(adam) is more robust than AEC(adam) and has the lower clean error (table 1).',
    datasets: ['mnist'],
    rule: 'Under each static attack and on the unmodified test set: its error rate is lower.',
  },
  {
    id: 'C3',
    text: 'RAD keeps the clean error of the undefended model (tables 1, 2).',
    datasets: ['mnist', 'cifar10'],
    rule: "Each RAD's clean error is below the undefended model's, or its confidence interval overlaps with it.",
  },
  {
    id: 'C4',
    text: 'Attacked again, RAD resists single-step fgs but not the iterative cg and adam (tables 3, 4).',
    datasets: ['mnist', 'cifar10'],
    rule: "Each RAD's adaptive error under each fgs is less than half of that under cg and under adam.",
  },
  {
    id: 'C5',
    text: 'Attacked again, IAEC has a higher error than RAD (table 3).',
    datasets: ['mnist'],
    rule: 'IAEC against RAD trained with the same attack, under each adaptive attack: its error rate is higher.',
  },
  {
    id: 'C6',
    text: 'RAD needs the same distortion to evade as the undefended model; IAEC needs clearly less (table 5).',
    datasets: ['mnist'],
    rule: "Under adaptive cg and adam: RAD's mean distortion is within 25% of the undefended model's, IAEC's interval lies below that of the undefended model.",
  },
  {
    id: 'C7',
    text: 'On MNIST, a larger epsilon makes fgs more effective against the undefended model (figure 1).',
    datasets: ['mnist'],
    rule: 'The error rate under fgs is higher at each larger epsilon.',
  },
];

/** One comparison that a claim rests on. */
export interface ClaimComparison {
  /** `rad(attack=cg) 0.3% < iaec(attack=cg) 1.5% under adam, static` */
  readonly text: string;
  readonly holds: boolean;
}

export interface ClaimVerdict {
  readonly claim: Claim;
  /** `partly`: at least half of the comparisons are as claimed; `not-measured`: the run has none of them. */
  readonly verdict: 'holds' | 'partly' | 'fails' | 'not-measured';
  readonly comparisons: readonly ClaimComparison[];
}

/**
 * What a run says about the claims that concern its dataset. Figures are means over the run's seeds; all figures
 * that decide are among the comparisons.
 */
export function judgeClaims(dataset: PublishedDataset, cells: readonly CellRecord[]): ClaimVerdict[] {
  const figures = new Figures(cells);
  return CLAIMS.filter((claim) => claim.datasets.includes(dataset)).map((claim) => {
    const comparisons = JUDGES[claim.id](figures);
    const holding = comparisons.filter((comparison) => comparison.holds).length;
    const verdict =
      comparisons.length === 0
        ? 'not-measured'
        : holding === comparisons.length
          ? 'holds'
          : holding * 2 >= comparisons.length
            ? 'partly'
            : 'fails';
    return { claim, verdict, comparisons };
  });
}

interface Figure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A run's figures by label, means over its seeds. */
class Figures {
  readonly models: readonly string[];
  private readonly means = new Map<string, Figure & { count: number }>();

  constructor(cells: readonly CellRecord[]) {
    this.models = [...new Set(cells.map((cell) => cell.model))];
    for (const cell of cells) {
      const key = keyOf(cell.metric, cell.model, cell.attack, cell.mode);
      const { value, low, high, count } = this.means.get(key) ?? { value: 0, low: 0, high: 0, count: 0 };
      const mean = (sum: number, one: number) => (sum * count + one) / (count + 1);
      this.means.set(key, {
        value: mean(value, cell.value),
        low: mean(low, cell.low),
        high: mean(high, cell.high),
        count: count + 1,
      });
    }
    this.attacks = [...new Set(cells.map((cell) => cell.attack))].filter(
      (attack) => attack !== 'none' && attack !== 'worst-case',
    );
  }

  readonly attacks: readonly string[];

  get(metric: string, model: string, attack: string, mode: CellMode): Figure | undefined {
    return this.means.get(keyOf(metric, model, attack, mode));
  }

  error(model: string, attack: string, mode: CellMode): Figure | undefined {
    return this.get('error-rate', model, attack, mode);
  }

  /** The models of a defense, by its name. */
  of(defense: string): string[] {
    return this.models.filter((model) => nameOf(model) === defense);
  }
}

type Judge = (figures: Figures) => ClaimComparison[];

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
      const undefended = figures.error('lenet5', 'none', 'clean');
      if (!defended || !undefended) return [];
      const holds = defended.value <= undefended.value || defended.low <= undefended.high;
      const text = `clean error of ${rad} ${percent(defended)}, of lenet5 ${percent(undefended)}: the intervals ${holds ? 'overlap or it is lower' : 'are apart'}`;
      return [{ text, holds }];
    }),
  C4: (figures) =>
    figures.of('rad').flatMap((rad) =>
      figures.attacks
        .filter((attack) => nameOf(attack) === 'fgs')
        .flatMap((fgs) =>
          ['cg', 'adam'].flatMap((iterative) => {
            const single = figures.error(rad, fgs, 'adaptive');
            const repeated = figures.error(rad, iterative, 'adaptive');
            if (!single || !repeated) return [];
            return [
              {
                text: `${rad}: ${percent(single)} under ${fgs} and ${percent(repeated)} under ${iterative}, adaptive`,
                holds: single.value < repeated.value / 2,
              },
            ];
          }),
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
    ['cg', 'adam'].flatMap((attack) => {
      const undefended =
        figures.get('distortion', 'lenet5', attack, 'adaptive') ??
        figures.get('distortion', 'lenet5', attack, 'static');
      if (!undefended) return [];
      const of = (defense: string, holds: (figure: Figure) => boolean) =>
        figures.of(defense).flatMap((model) => {
          const figure = figures.get('distortion', model, attack, 'adaptive');
          if (!figure) return [];
          const text = `distortion of ${attack} against ${model} ${figure.value.toFixed(4)}, against lenet5 ${undefended.value.toFixed(4)}`;
          return [{ text, holds: holds(figure) }];
        });
      return [
        ...of('rad', (figure) => Math.abs(figure.value / undefended.value - 1) <= 0.25),
        ...of('iaec', (figure) => figure.high < undefended.low),
      ];
    }),
  C7: (figures) => {
    const fgs = figures.attacks
      .filter((attack) => nameOf(attack) === 'fgs')
      .map((attack) => ({ attack, epsilon: Number(parseComponent(attack).params['epsilon']) }))
      .filter(({ epsilon }) => Number.isFinite(epsilon))
      .sort((a, b) => a.epsilon - b.epsilon);
    return fgs.slice(1).flatMap(({ attack }, index) => {
      const smaller = fgs[index]!.attack;
      const [less, more] = [smaller, attack].map(
        (one) => figures.error('lenet5', one, 'static') ?? figures.error('lenet5', one, 'adaptive'),
      );
      if (!less || !more) return [];
      const text = `lenet5: ${percent(less)} under ${smaller}, ${percent(more)} under ${attack}`;
      return [{ text, holds: less.value < more.value }];
    });
  },
};

/** The comparison that the error rate of `low` is below that of `high`; empty where one of them is not measured. */
function lowerError(figures: Figures, low: string, high: string, attack: string, mode: CellMode): ClaimComparison[] {
  const a = figures.error(low, attack, mode);
  const b = figures.error(high, attack, mode);
  if (!a || !b) return [];
  const holds = a.value < b.value;
  const where = mode === 'clean' ? 'on the unmodified test set' : `under ${attack}, ${mode}`;
  return [{ text: `${low} ${percent(a)} ${holds ? '<' : '≥'} ${high} ${percent(b)} ${where}`, holds }];
}

function percent(figure: Figure): string {
  return `${(figure.value * 100).toFixed(2)}%`;
}

/** The component's name in a label; labels of models that were swapped in are no components. */
function nameOf(label: string): string {
  try {
    return parseComponent(label).name;
  } catch (error) {
    if (isRampartError(error)) return label;
    throw error;
  }
}

function keyOf(metric: string, model: string, attack: string, mode: CellMode): string {
  return JSON.stringify([metric, normal(model), normal(attack), mode]);
}

const normalForms = new Map<string, string>();

/** The same text for labels that differ in nothing but their spaces. */
function normal(label: string): string {
  const known = normalForms.get(label);
  if (known !== undefined) return known;
  let form = label;
  try {
    form = formatComponent(parseComponent(label));
  } catch {
    // The label of a model that was swapped in.
  }
  normalForms.set(label, form);
  return form;
}
