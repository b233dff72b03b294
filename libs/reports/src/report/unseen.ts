import type { CellRecord, ModelRecord } from '@rampart/results';

import { isAttack, NO_ATTACK } from './attack-labels';
import { measuring } from './measured-cell';
import type { ReportCell, ReportTable } from './tables';

/** What an attack step's examples were held to. */
export interface Ball {
  readonly norm: string;
  /** Undefined where an attack goes as far as it must. */
  readonly epsilon?: number;
}

/** The facts about a model that tell what it was trained with: see `trainedAgainst` of experiments. */
const TRAINED_WITH = 'trained with';
const TRAINED_NORM = 'trained norm';
const TRAINED_EPSILON = 'trained epsilon';

/** What an attack is to a model, from what it was trained for to what it never saw. */
const COLUMNS = [
  'the attack it was trained with',
  'other attacks of that threat',
  'farther',
  'other norms',
  'transfer',
] as const;

type Column = (typeof COLUMNS)[number];

/**
 * Each model that was trained with an attack against what it was not trained for: the worst error rate over the attacks
 * of each kind. None where no model was, or nothing is unseen.
 * @param ballOf what the examples of an attack step were held to
 */
export function unseenTables(
  cells: readonly CellRecord[],
  models: readonly ModelRecord[],
  ballOf: (attackStep: string) => Ball | undefined,
): ReportTable[] {
  const measured = measuring(cells);
  const errors = cells.filter(({ metric }) => metric === 'error-rate');
  const trained = models.filter(({ facts }) => facts[TRAINED_WITH] !== undefined);
  const labels = [...new Set(trained.map(({ label }) => label))];
  const rows = labels.map((label) => {
    const { facts } = trained.find((model) => model.label === label)!;
    const own = errors.filter(({ model }) => model === label);
    const kinds = new Map<Column, ReportCell>();
    for (const one of distinct(own.filter(({ attack }) => isAttack(attack)))) {
      const column = columnOf(one, facts, ballOf);
      const figure = column && measured(own.filter(({ attack, mode }) => attack === one.attack && mode === one.mode));
      if (figure && !((kinds.get(column)?.value ?? -1) >= figure.value)) kinds.set(column, figure);
    }
    const clean = measured(own.filter(({ attack }) => attack === NO_ATTACK));
    return { model: label, cells: [clean, ...COLUMNS.map((column) => kinds.get(column))] };
  });
  const columns = [NO_ATTACK, ...COLUMNS];
  const used = columns.map((_, index) => rows.some((row) => row.cells[index] !== undefined));
  if (!used.slice(2).includes(true)) return [];
  return [
    {
      id: 'unseen',
      title: 'Error rate under what a defense was not trained for',
      note: 'The worst over the attacks of each kind, of the whole test set: the attack in training, others of its norm that go no farther, attacks of its norm that do, attacks of other norms, and examples made against other models. A defense is worth its worst column.',
      ...({ metric: 'error-rate', mode: 'adaptive', unit: errors[0]!.unit } as const),
      columns: columns.filter((_, index) => used[index]),
      rows: rows.map((row) => ({ ...row, cells: row.cells.filter((_, index) => used[index]) })),
    },
  ];
}

function columnOf(
  { attack, mode, attackStep }: CellRecord,
  facts: ModelRecord['facts'],
  ballOf: (attackStep: string) => Ball | undefined,
): Column | undefined {
  if (mode === 'static' || mode === 'transfer') return 'transfer';
  if (mode !== 'adaptive') return undefined;
  if (String(facts[TRAINED_WITH]).split(' + ').includes(attack)) return 'the attack it was trained with';
  const ball = attackStep === undefined ? undefined : ballOf(attackStep);
  if (!ball || ball.norm !== facts[TRAINED_NORM]) return 'other norms';
  const [epsilon, trained] = [ball.epsilon ?? Infinity, Number(facts[TRAINED_EPSILON] ?? Infinity)];
  return epsilon <= trained ? 'other attacks of that threat' : 'farther';
}

/** One cell for each attack and mode. */
function distinct(cells: readonly CellRecord[]): CellRecord[] {
  return [...new Map(cells.map((cell) => [JSON.stringify([cell.attack, cell.mode]), cell])).values()];
}
