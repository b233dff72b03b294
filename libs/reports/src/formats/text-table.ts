import { stripVTControlCharacters } from 'node:util';

import Table from 'cli-table3';

import { PLAIN, type Terminal } from './terminal';

/** What stands in a table; a cell may reach over several columns. */
export type TextCell = string | number | { readonly content: string; readonly colSpan: number };

type Row = readonly TextCell[];

/**
 * A table that a terminal has room for: as it is, turned over, with its texts wrapped, or, where it has too many columns
 * for any of that, each row by itself without lines.
 */
export function textTable(head: readonly string[], rows: readonly Row[], { width }: Terminal = PLAIN): string {
  const ways = [drawn(head, rows)];
  const turned = turnedOver(head, rows);
  if (fits(ways[0]!, width)) return ways[0]!;
  if (turned) ways.push(drawn(...turned));
  for (const [ownHead, ownRows] of turned ? ([[head, rows], turned] as const) : ([[head, rows]] as const)) {
    const widths = narrowed(ownHead, ownRows, width);
    if (widths) ways.push(drawn(ownHead, ownRows, widths));
  }
  return ways.find((way) => fits(way, width)) ?? oneByOne(head, rows);
}

function drawn(head: readonly string[], rows: readonly Row[], colWidths?: readonly number[]): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true },
    ...(colWidths && { colWidths: [...colWidths], wordWrap: true }),
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

function fits(text: string, width: number): boolean {
  return text.split('\n').every((line) => lengthOf(line) <= width);
}

/** Columns as rows; undefined where a cell reaches over several. */
function turnedOver(head: readonly string[], rows: readonly Row[]): [string[], string[][]] | undefined {
  const table = [head, ...rows];
  if (rows.length === 0 || table.some((row) => row.length !== head.length || row.some((cell) => spanOf(cell) > 1))) {
    return undefined;
  }
  const columns = head.map((_, column) => table.map((row) => textOf(row[column]!)));
  return [columns[0]!, columns.slice(1)];
}

/** Space and border beside the text of a cell. */
const PADDING = 2;

/** Widths of columns, the widest narrowed until all fit; undefined where a word has no room then. */
function narrowed(head: readonly string[], rows: readonly Row[], width: number): number[] | undefined {
  const cells = head.map((_, column) =>
    [head, ...rows].flatMap((row) => {
      const cell = cellAt(row, column);
      return cell === undefined || spanOf(cell) > 1 ? [] : [textOf(cell)];
    }),
  );
  const least = cells.map((texts) => PADDING + longest(texts.flatMap((text) => text.split(/\s+/))));
  const widths = cells.map((texts) => PADDING + longest(texts.flatMap((text) => text.split('\n'))));
  let over = widths.reduce((sum, one) => sum + one, head.length + 1) - width;
  for (; over > 0; over--) {
    const open = widths.flatMap((one, column) => (one > least[column]! ? [column] : []));
    if (open.length === 0) return undefined;
    const widest = open.reduce((a, b) => (widths[b]! > widths[a]! ? b : a));
    widths[widest]!--;
  }
  return widths;
}

/** The cell that begins at a column. */
function cellAt(row: Row, column: number): TextCell | undefined {
  let at = 0;
  for (const cell of row) {
    if (at === column) return cell;
    at += spanOf(cell);
  }
  return undefined;
}

/** Each row as a list of its columns. What stands below the first line of a row's name names the lines below others. */
function oneByOne(head: readonly string[], rows: readonly Row[]): string {
  return rows
    .flatMap((row) => {
      const [name = '', ...below] = textOf(row[0] ?? '').split('\n');
      let column = 0;
      const lines = row.slice(1).flatMap((cell) => {
        const title = head[++column] ?? '';
        column += spanOf(cell) - 1;
        const [first = '', ...more] = textOf(cell).split('\n');
        if (first === '') return [];
        const also = more.map((line, index) => `; ${below[index]?.trim() ?? ''} ${line}`).join('');
        return [`    ${spanOf(cell) > 1 ? '' : `${title}: `}${first}${also}`];
      });
      return [`  ${name}`, ...lines];
    })
    .join('\n');
}

function textOf(cell: TextCell): string {
  return typeof cell === 'object' ? cell.content : String(cell);
}

function spanOf(cell: TextCell): number {
  return typeof cell === 'object' ? cell.colSpan : 1;
}

function longest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(lengthOf));
}

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
