import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { RampartError } from '@rampart/core';

import { readCsv } from './csv-table';
import { labelsOf, type OwnNames, readNames } from './own-labels';
import type { Cell } from './table';
import { filled, place } from './table-features';
import { hasEnding, isFolder, readUserFile } from './user-path';

/** A file of a sample, and the own label of its class. */
export interface LabelledFile {
  readonly path: string;
  readonly label: number;
}

/** The files of both splits, and their classes. */
export interface LabelledFiles extends OwnNames {
  readonly train?: readonly LabelledFile[];
  readonly test: readonly LabelledFile[];
}

/** What there is to say about a folder of files. */
export interface FolderChoice {
  /** A CSV of file, label and, if there are several splits, split; a folder a class when empty. */
  readonly labels: string;
  /** Names of the classes in their order, or a file of them. */
  readonly names: readonly string[] | string;
  /** Endings of the files that are meant. */
  readonly endings: readonly string[];
}

const SPLITS = { train: ['train', 'training'], test: ['test', 'val', 'valid', 'validation'] } as const;
type Split = keyof typeof SPLITS;

/**
 * The files of a dataset in folders: one a class, within folders `train` and `test` (or `val`) where there are any, else
 * all for testing; or as a CSV lists them. Classes have the order of their names, unless names say otherwise.
 * @throws RampartError `usage` or `bad-data` that names the folder or the row
 */
export async function labelledFiles(
  folder: string,
  { labels, names, endings }: FolderChoice,
  dataDir: string | undefined,
): Promise<LabelledFiles> {
  const known = await readNames(names, dataDir);
  const found = labels === '' ? await inFolders(folder, endings) : await inCsv(folder, labels);
  const classes = known.length > 0 ? known : classNames(found);
  const byName = known.length > 0 ? new Map(known.map((name, label) => [name, label])) : undefined;
  const label = ({ path, label: cell }: NamedFile): LabelledFile => {
    if (typeof cell === 'number') return { path, label: cell };
    const own = byName ? byName.get(cell) : classes.indexOf(cell);
    if (own !== undefined && own >= 0) return { path, label: own };
    throw new RampartError({
      code: 'bad-data',
      message: `${path}: expected one of the ${classes.length} classes that are named. Received "${cell}".`,
    });
  };
  const splits = { train: found.train.map(label), test: found.test.map(label) };
  if (splits.test.length === 0) {
    throw new RampartError({
      code: 'bad-data',
      message: `"${folder}": expected files that end in ${endings.join(', ')} in a folder for each class, in ${SPLITS.test.join(', ')} where there are splits. Received none for testing.`,
    });
  }
  const numbered = [...found.train, ...found.test].some(({ label: cell }) => typeof cell === 'number');
  const own = numbered
    ? labelsOf(
        [splits.train, splits.test].map((files) => files.map(({ label: one }) => one)),
        known,
      )
    : { names: classes, labels: classes.map((_, label) => label) };
  return { ...own, ...(splits.train.length > 0 && { train: splits.train }), test: splits.test };
}

/** A file and its class: by name, or the number of its label. */
interface NamedFile {
  readonly path: string;
  readonly label: string | number;
}

type NamedFiles = Readonly<Record<Split, readonly NamedFile[]>>;

function classNames({ train, test }: NamedFiles): string[] {
  const names = [...train, ...test].flatMap(({ label }) => (typeof label === 'string' ? [label] : []));
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

async function inFolders(folder: string, endings: readonly string[]): Promise<NamedFiles> {
  const found: Record<Split, NamedFile[]> = { train: [], test: [] };
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const splitOf = (name: string) =>
    (Object.keys(SPLITS) as Split[]).find((split) => (SPLITS[split] as readonly string[]).includes(name.toLowerCase()));
  const splits = folders.filter((name) => splitOf(name) !== undefined);
  if (splits.length === 0) return { train: [], test: await inClasses(folder, folders, endings) };
  for (const name of splits.sort()) {
    const path = join(folder, name);
    const classes = await readdir(path, { withFileTypes: true });
    const names = classes.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    found[splitOf(name)!].push(...(await inClasses(path, names, endings)));
  }
  return found;
}

async function inClasses(folder: string, classes: readonly string[], endings: readonly string[]): Promise<NamedFile[]> {
  const files = [];
  for (const name of [...classes].sort()) {
    const path = join(folder, name);
    const below = await readdir(path, { recursive: true });
    for (const file of below.filter((one) => hasEnding(one, endings)).sort()) {
      files.push({ path: join(path, file), label: name });
    }
  }
  return files;
}

async function inCsv(folder: string, labels: string): Promise<NamedFiles> {
  const path = join(folder, labels);
  const table = readCsv(await readUserFile(path), path);
  const column = (names: readonly string[], fallback: number) => {
    const at = table.columns.findIndex((name) => names.includes(name.toLowerCase()));
    return at >= 0 ? at : fallback;
  };
  const [file, label] = [
    column(['file', 'filename', 'path', 'image'], 0),
    column(['label', 'target', 'class', 'y'], 1),
  ];
  place(table, table.columns[label] ?? 'label');
  const split = column(['split', 'set', 'fold'], -1);
  const found: Record<Split, NamedFile[]> = { train: [], test: [] };
  table.rows.forEach((row, number) => {
    const cell = filled(row[label], table, number, table.columns[label]!);
    const named = typeof cell === 'number' && !(Number.isInteger(cell) && cell >= 0) ? String(cell) : cell;
    const name = String(filled(row[file], table, number, table.columns[file]!));
    found[splitIn(row[split])].push({ path: join(folder, name), label: named });
  });
  return found;
}

function splitIn(cell: Cell): Split {
  return typeof cell === 'string' && (SPLITS.train as readonly string[]).includes(cell.toLowerCase())
    ? 'train'
    : 'test';
}

/** Parameters of a dataset of files in folders need one. @throws RampartError `usage` when it is none */
export async function checkFolder(path: string): Promise<string> {
  if (await isFolder(path)) return path;
  throw new RampartError({ code: 'usage', message: `"${path}": expected a folder. Received a file.` });
}
