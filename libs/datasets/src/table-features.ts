import { RampartError, type TableFeature } from '@rampart/core';

import type { Cell, Table } from './table';

/** What is said about the columns of a table. */
export interface ColumnChoice {
  /** Columns that rows are made of, in the model's order; all but the label when empty. */
  readonly features: readonly string[];
  /** Columns whose values are names of categories, besides those that hold text. */
  readonly categories: readonly string[];
  /** Columns that no attacker can change. */
  readonly fixed: readonly string[];
  /** Whether columns of zeros and ones that belong together by name and by sum are one category. */
  readonly oneHot: boolean;
}

/** A feature and how a row makes it. */
export interface ReadFeature extends TableFeature {
  /** Its value in a row, before scaling. */
  value(row: readonly Cell[]): number;
}

/**
 * The features of tables' rows: numbers with the bounds of all the tables, a category as one feature for each of its
 * values, in their order.
 * @param apart columns that are no features: classes, and what other inputs are fed
 * @throws RampartError `bad-data` where a column does not exist, or a cell is empty
 */
export function tableFeatures(tables: readonly Table[], apart: readonly string[], choice: ColumnChoice): ReadFeature[] {
  const { columns } = tables[0]!;
  for (const name of [...choice.features, ...choice.categories, ...choice.fixed]) place(tables[0]!, name);
  const chosen = choice.features.length > 0 ? choice.features : columns.filter((column) => !apart.includes(column));
  const features = chosen.flatMap((name) => {
    const at = place(tables[0]!, name);
    const values = tables.flatMap((table) => table.rows.map((row, number) => filled(row[at], table, number, name)));
    const fixed = choice.fixed.includes(name);
    const text = values.find((value) => typeof value === 'string');
    if (choice.categories.includes(name) || values.every((value) => typeof value === 'string')) {
      return categories(name, at, values, fixed);
    }
    if (text !== undefined) throw mixed(tables[0]!, name, text);
    return [number(name, at, values as number[], fixed)];
  });
  return choice.oneHot ? withGroups(features, tables) : features;
}

/** Where a column stands. @throws RampartError `bad-data` when there is none of the name */
export function place({ name, columns }: Table, column: string): number {
  const at = columns.indexOf(column);
  if (at >= 0) return at;
  throw new RampartError({
    code: 'bad-data',
    message: `${name}: expected a column ${JSON.stringify(column)}. Received the columns ${columns.join(', ').slice(0, 500)}.`,
  });
}

/** A cell that must hold something. @throws RampartError `bad-data` that names row and column */
export function filled(cell: Cell, { name }: Table, row: number, column: string): number | string {
  if (cell !== undefined) return cell;
  throw new RampartError({
    code: 'bad-data',
    message: `${name}: expected a value in every cell. Received none in row ${row + 1}, column ${JSON.stringify(column)}: fill it in, drop the row, or leave the column out with features=[...].`,
  });
}

function mixed({ name }: Table, column: string, text: number | string): RampartError {
  return new RampartError({
    code: 'bad-data',
    message: `${name}: expected numbers alone or texts alone in a column. Received ${JSON.stringify(text)} among the numbers of column ${JSON.stringify(column)}: correct the cell, or say categories=[${column}] if they are all names.`,
  });
}

function number(name: string, at: number, values: readonly number[], fixed: boolean): ReadFeature {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return {
    name,
    values: values.every(Number.isInteger) ? 'integer' : 'number',
    min,
    // Of one value only, it says nothing of what others there are.
    max: max > min ? max : min + 1,
    fixed: fixed || !(max > min),
    value: (row) => row[at] as number,
  };
}

function categories(column: string, at: number, values: readonly (number | string)[], fixed: boolean): ReadFeature[] {
  const known = [...new Set(values)].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1,
  );
  return known.map((category) => ({
    name: `${column}=${category}`,
    values: 'category',
    min: 0,
    max: 1,
    fixed,
    column,
    value: (row) => Number(row[at] === category),
  }));
}

/** Joins features of zeros and ones whose names begin alike and of which each row has exactly one. */
function withGroups(features: readonly ReadFeature[], tables: readonly Table[]): ReadFeature[] {
  const stems = new Map<string, ReadFeature[]>();
  for (const feature of features) {
    const stem = /^(.+)[_=.:-][^_=.:-]+$/.exec(feature.name)?.[1];
    const binary = feature.values === 'integer' && feature.min === 0 && feature.max === 1;
    if (stem !== undefined && binary) stems.set(stem, [...(stems.get(stem) ?? []), feature]);
  }
  const columnOf = new Map<ReadFeature, string>();
  for (const [stem, group] of stems) {
    const single = (row: readonly Cell[]) => group.reduce((sum, feature) => sum + feature.value(row), 0) === 1;
    if (group.length < 2 || !tables.every(({ rows }) => rows.every(single))) continue;
    for (const feature of group) columnOf.set(feature, stem);
  }
  return features.map((feature) => {
    const column = columnOf.get(feature);
    if (column === undefined) return feature;
    const fixed = [...columnOf].some(([other, stem]) => stem === column && other.fixed);
    return { ...feature, values: 'category', column, fixed };
  });
}
