/** A cell: a number, a text, or nothing. */
export type Cell = number | string | undefined;

/** A table as its file holds it. */
export interface Table {
  /** What messages call it. */
  readonly name: string;
  readonly columns: readonly string[];
  /** One cell a column. */
  readonly rows: readonly (readonly Cell[])[];
}

/** How pandas and others write that a cell holds nothing. */
const NOTHING = new Set(['', '#N/A', 'N/A', 'NA', 'n/a', 'NULL', 'null', 'NaN', 'nan', 'None']);

/** A text as a cell: nothing where it is empty or stands for nothing, a number where it is one. */
export function cellOf(text: string): Cell {
  const trimmed = text.trim();
  if (NOTHING.has(trimmed)) return undefined;
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : trimmed;
}
