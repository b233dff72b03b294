import {
  caveatsOf,
  isAttack,
  knowledgeText,
  type Measured,
  type MissingCell,
  NO_ATTACK,
  overSeeds,
  type Peculiarities,
  possibleErrors,
  publishedFigure,
  type PublishedDataset,
  targetOf,
  targetText,
  WORST_CASE,
} from '@rampart/reports';
import { type CellMode, type CellRecord, type RunRecord } from '@rampart/results';

/** A figure of one or several seeds. */
export interface MatrixFigure extends Omit<Measured, 'seeds'> {
  readonly seeds: readonly number[];
  /** Observations a seed. */
  readonly count: number;
  /** What the publication has, and the table it has it in. */
  readonly published: { readonly value: number; readonly table: string } | undefined;
}

export interface MatrixRow {
  readonly model: string;
  readonly clean: MatrixFigure | undefined;
  /** One for each attack of the matrix. */
  readonly cells: readonly (MatrixFigure | undefined)[];
  /** Where any attack succeeded on an instance. */
  readonly worst: MatrixFigure | undefined;
}

/** The figures of one metric: models against attacks. */
export interface Matrix {
  readonly mode: 'static' | 'adaptive';
  readonly metric: string;
  readonly unit: string;
  readonly attacks: readonly string[];
  readonly rows: readonly MatrixRow[];
  /** What attacks had to go by: `white-box`, `transfer`, `gradients estimated from queries`. */
  readonly knowledge: string;
  /** What the attacks of a targeted run aim at: `class "3"`. */
  readonly target: string | undefined;
  /** What a reader must know of the models: that one draws random numbers. */
  readonly caveats: readonly string[];
  /** What the plan has and the run has not, of this mode and without attack. */
  readonly missing: readonly MissingCell[];
}

/** Arranges a run's cells, models and attacks in the order in which the run has them. */
export function arrangeMatrix(
  cells: readonly CellRecord[],
  mode: 'static' | 'adaptive',
  metric: string,
  run: Pick<RunRecord, 'published' | 'experiment'>,
  peculiarities: Peculiarities,
  planned: readonly MissingCell[] = [],
): Matrix {
  const { published } = run;
  const missing = planned.filter((one) => one.mode === mode || one.mode === 'clean');
  const wanted = cells.filter((cell) => cell.metric === metric);
  const here = wanted.filter((cell) => cell.mode === mode);
  const attacks = distinct([...here, ...missing].map((cell) => cell.attack)).filter(isAttack);
  const groups = groupCells(wanted);
  const most = possibleErrors(cells);
  const figure = (model: string, attack: string, of: CellMode) =>
    figureOf(groups.get(groupKey(model, attack, of)) ?? [], published, most);
  const rows = distinct([...wanted, ...missing].map((cell) => cell.model)).map((model) => ({
    model,
    clean: figure(model, NO_ATTACK, 'clean'),
    cells: attacks.map((attack) => figure(model, attack, mode)),
    worst: figure(model, WORST_CASE, mode),
  }));
  const models = rows.map(({ model }) => model);
  const target = targetOf(run);
  return {
    ...{ mode, metric, unit: wanted[0]?.unit ?? '', attacks, rows },
    knowledge: mode === 'static' ? 'transfer' : knowledgeText(models, peculiarities),
    target: target === undefined ? undefined : targetText(target),
    caveats: caveatsOf(models, peculiarities),
    missing,
  };
}

/**
 * Several seeds' cells as one figure; undefined for none.
 * @param most the largest value that a figure can have
 */
export function figureOf(
  cells: readonly CellRecord[],
  published: PublishedDataset | undefined,
  most?: (cell: CellRecord) => number,
): MatrixFigure | undefined {
  const [first] = cells;
  const measured = overSeeds(cells, most && first && Math.max(...cells.map(most)));
  if (!first || !measured) return undefined;
  const found = publishedFigure(published, first);
  return {
    ...measured,
    seeds: cells.map((cell) => cell.seed),
    count: first.count,
    published: found && { value: found.value, table: found.table.id },
  };
}

function groupCells(cells: readonly CellRecord[]): Map<string, CellRecord[]> {
  const groups = new Map<string, CellRecord[]>();
  for (const cell of cells) {
    const key = groupKey(cell.model, cell.attack, cell.mode);
    const group = groups.get(key);
    if (group) group.push(cell);
    else groups.set(key, [cell]);
  }
  return groups;
}

function groupKey(model: string, attack: string, mode: CellMode): string {
  return JSON.stringify([model, attack, mode]);
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
