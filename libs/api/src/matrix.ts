import { type CellMode, type CellRecord, publishedFigure, type PublishedDataset } from '@rampart/results';

/** A figure of one or several seeds. */
export interface MatrixFigure {
  /** Mean over the seeds. */
  readonly value: number;
  /** 95% confidence interval of one seed's figure, the mean of its bounds over the seeds. */
  readonly low: number;
  readonly high: number;
  /** Standard deviation over the seeds; undefined for one. */
  readonly deviation: number | undefined;
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
}

export const NO_ATTACK = 'none';
export const WORST_CASE = 'worst-case';

/** Arranges a run's cells, models and attacks in the order in which the run has them. */
export function arrangeMatrix(
  cells: readonly CellRecord[],
  mode: 'static' | 'adaptive',
  metric: string,
  published: PublishedDataset | undefined,
): Matrix {
  const wanted = cells.filter((cell) => cell.metric === metric);
  const here = wanted.filter((cell) => cell.mode === mode);
  const attacks = distinct(here.map((cell) => cell.attack)).filter((attack) => attack !== WORST_CASE);
  const groups = groupCells(wanted);
  const figure = (model: string, attack: string, of: CellMode) =>
    figureOf(groups.get(groupKey(model, attack, of)) ?? [], published);
  const rows = distinct(wanted.map((cell) => cell.model)).map((model) => ({
    model,
    clean: figure(model, NO_ATTACK, 'clean'),
    cells: attacks.map((attack) => figure(model, attack, mode)),
    worst: figure(model, WORST_CASE, mode),
  }));
  return { mode, metric, unit: wanted[0]?.unit ?? '', attacks, rows };
}

/** Several seeds' cells as one figure; undefined for none. */
export function figureOf(
  cells: readonly CellRecord[],
  published: PublishedDataset | undefined,
): MatrixFigure | undefined {
  const [first] = cells;
  if (!first) return undefined;
  const mean = (of: (cell: CellRecord) => number) => cells.reduce((sum, cell) => sum + of(cell), 0) / cells.length;
  const value = mean((cell) => cell.value);
  const spread = cells.reduce((sum, cell) => sum + (cell.value - value) ** 2, 0);
  const found = publishedFigure(published, first);
  return {
    value,
    low: mean((cell) => cell.low),
    high: mean((cell) => cell.high),
    deviation: cells.length > 1 ? Math.sqrt(spread / (cells.length - 1)) : undefined,
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
