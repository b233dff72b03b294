import { join } from 'node:path';

import { type Dataset, pixelBox, RampartError, sampleShape, type TableFeature } from '@rampart/core';
import { z } from 'zod';

import { assembleDataset, type RawDataset, type RawSplit } from './assemble';
import { splitLimit } from './class-choice';
import { accompanied, companyParams, type Rows } from './company';
import { chooseNamed, labelsOf, namedClasses, readNames } from './own-labels';
import type { Table } from './table';
import { filled, place, type ReadFeature, tableFeatures } from './table-features';
import { isFolder, userPath } from './user-path';

const columnList = () => z.array(z.union([z.string(), z.number()]).transform(String)).default([]);

/** Parameters of datasets that are tables. */
export const tableParams = {
  path: z
    .string()
    .default('')
    .describe(
      'The file, or a folder with a file test and, for training, a file train; from the data folder on, which is meant when left out',
    ),
  label: z
    .string()
    .default('')
    .describe('The column of the classes; when left out the one called label, target, class or y, else the last'),
  labels: companyParams.labels(),
  inputs: companyParams.inputs('the columns'),
  features: columnList().describe("The columns that a row is made of, in the model's order; all others when left out"),
  categories: columnList().describe('Columns of numbers that are names of categories; columns of text always are'),
  fixed: columnList().describe('Columns that no attacker can change'),
  oneHot: z
    .boolean()
    .default(true)
    .describe('Whether columns of zeros and ones, of one beginning, of which each row has exactly one, are a category'),
  trainShare: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe(
      'Of a single file: the share of its rows that is for training, evenly spaced; the others are for testing',
    ),
  ...namedClasses,
  trainLimit: splitLimit('training'),
  testLimit: splitLimit('test'),
};

export type TableParams = z.output<z.ZodObject<typeof tableParams>>;

/** How files of a kind are read. */
export interface TableFormat {
  /** The dataset's name. */
  readonly dataset: string;
  /** `.csv` */
  readonly ending: string;
  read(path: string): Promise<Table>;
}

/**
 * A dataset of a table's rows: every feature scaled to [0, 1] by the least and the greatest value of its column, in all
 * the data.
 * @throws RampartError `usage` and `bad-data` that name the file, and the row and column where it is one of these
 */
export async function tableDataset(
  format: TableFormat,
  params: TableParams,
  dataDir: string | undefined,
): Promise<Dataset> {
  const { train, test } = await readTables(format, params, dataDir);
  const tables = train ? [train, test] : [test];
  for (const table of tables) {
    if (table.rows.length === 0) throw bad(table.name, 'a table with rows', 'none');
    if (table.columns.length > 1) continue;
    throw bad(table.name, 'a column of classes and one of features, at least', `${table.columns.length} column`);
  }
  if (train && train.columns.join('\n') !== test.columns.join('\n')) {
    throw bad(test.name, `the columns ${train.columns.join(', ')}, as ${train.name} has`, test.columns.join(', '));
  }
  const sets = params.labels.length > 0;
  if (sets && params.label !== '') {
    throw new RampartError({
      code: 'usage',
      message: `dataset "${format.dataset}": labels=[${params.labels.join(', ')}] are sets of labels, label=${params.label} is one class a row. Expected one of the two.`,
    });
  }
  const label = params.label === '' ? guessLabel(test) : params.label;
  const apart = [...(sets ? params.labels : [label]), ...params.inputs];
  for (const column of apart) place(test, column);
  const features = tableFeatures(tables, apart, params);
  const names = await readNames(params.names, dataDir);
  const classes: TableClasses = sets ? { names: ['0'], byName: false } : classesOf(tables, label, names);
  const split = (table: Table): RawSplit => ({
    labels: sets ? new Int32Array(table.rows.length) : labelsIn(table, label, classes),
    copyImage(row, target, offset) {
      features.forEach((feature, k) => {
        target[offset + k] = (feature.value(table.rows[row]!) - feature.min) / (feature.max - feature.min);
      });
    },
  });
  const samples = { kind: 'table', features: features.map(described) } as const;
  const common = { shape: sampleShape([features.length]), box: pixelBox(0, 1), samples };
  const own = { names: classes.names, ...(classes.labels && { labels: classes.labels }) };
  const brought = (table: Table) => ({
    split: split(table),
    company: {
      inputs: new Map(params.inputs.map((column) => [column, columnsOf(table, [column], [])])),
      ...(sets && { labels: columnsOf(table, params.labels, [params.labels.length]) }),
    },
  });
  const plain = (): RawDataset => ({ ...common, ...own, ...(train && { train: split(train) }), test: split(test) });
  const source =
    sets || params.inputs.length > 0
      ? accompanied(own, {
          ...common,
          ...(train && { train: brought(train) }),
          test: brought(test),
          labelNames: names.length > 0 ? names : params.labels,
        })
      : plain();
  return assembleDataset(source, { ...params, classes: chooseNamed(format.dataset, source.names, params.classes) });
}

/** The numbers of some columns, as rows of these axes. */
function columnsOf(table: Table, columns: readonly string[], dims: readonly number[]): Rows {
  const numbers = table.rows.flatMap((row, number) =>
    columns.map((column) => {
      const cell = filled(row[place(table, column)], table, number, column);
      if (typeof cell === 'number') return cell;
      throw bad(table.name, 'a number', `"${cell}" in row ${number + 1}, column ${JSON.stringify(column)}`);
    }),
  );
  const name = `${table.name}, column${columns.length > 1 ? 's' : ''} ${columns.join(', ')}`;
  return { name, count: table.rows.length, dims, at: (index) => numbers[index]! };
}

async function readTables(
  { dataset, ending, read }: TableFormat,
  { path, trainShare }: TableParams,
  dataDir: string | undefined,
): Promise<{ readonly train?: Table; readonly test: Table }> {
  const place = userPath(dataset, path, dataDir);
  if (await isFolder(place)) {
    const test = await read(join(place, `test${ending}`));
    const train = join(place, `train${ending}`);
    const there = await isFolder(train).catch(() => undefined);
    return there === undefined ? { test } : { train: await read(train), test };
  }
  const table = await read(place);
  if (trainShare === 0) return { test: table };
  // The whole part of the share that has come together goes up with each row that is for training.
  const trained = (row: number) => Math.floor((row + 1) * trainShare) > Math.floor(row * trainShare);
  return {
    train: { ...table, rows: table.rows.filter((_, row) => trained(row)) },
    test: { ...table, rows: table.rows.filter((_, row) => !trained(row)) },
  };
}

const LABELS = ['label', 'target', 'class', 'y'];

function guessLabel({ columns }: Table): string {
  return columns.find((column) => LABELS.includes(column.toLowerCase())) ?? columns.at(-1)!;
}

interface TableClasses {
  readonly names: readonly string[];
  readonly labels?: readonly number[];
  /** Whether cells name the classes instead of numbering them. */
  readonly byName: boolean;
}

/** The classes: of whole numbers those labels, of anything else its values in their order. */
function classesOf(tables: readonly Table[], label: string, names: readonly string[]): TableClasses {
  const cells = tables.map((table) => {
    const at = place(table, label);
    return table.rows.map((row, number) => filled(row[at], table, number, label));
  });
  const whole = cells.flat().every((cell) => typeof cell === 'number' && Number.isInteger(cell) && cell >= 0);
  if (!whole) {
    return { names: names.length > 0 ? names : [...new Set(cells.flat().map(String))].sort(), byName: true };
  }
  return { ...labelsOf(cells as number[][], names), byName: false };
}

function labelsIn(table: Table, label: string, { names, labels, byName }: TableClasses): number[] {
  const at = place(table, label);
  const known = new Set(labels ?? names.keys());
  return table.rows.map((row, number) => {
    const cell = row[at]!;
    const own = byName ? names.indexOf(String(cell)) : (cell as number);
    if (known.has(own)) return own;
    throw bad(table.name, `one of the classes ${names.join(', ')}`, `"${cell}" in row ${number + 1}`);
  });
}

function described({ name, values, min, max, fixed, column }: ReadFeature): TableFeature {
  return { name, values, min, max, fixed, ...(column !== undefined && { column }) };
}

function bad(name: string, expected: string, received: string): RampartError {
  return new RampartError({ code: 'bad-data', message: `${name}: expected ${expected}. Received ${received}.` });
}
