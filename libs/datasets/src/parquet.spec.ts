import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseComponent, Registry } from '@rampart/core';
import { describeDataset } from '@rampart/testing';

import { readCsv } from './csv-table';
import { mutants, readAll } from './damaged.kit';
import { parquet } from './parquet';
import { readParquet } from './parquet-table';

const FIXTURES = join(__dirname, '../fixtures/tables');
const COMPRESSIONS = ['none', 'snappy', 'gzip', 'zstd', 'brotli'];

const root = mkdtempSync(join(tmpdir(), 'parquet-'));
afterAll(() => rmSync(root, { recursive: true }));
cpSync(join(FIXTURES, 'snappy.parquet'), join(root, 'test.parquet'));

const load = (dataDir: string, text = 'parquet') => {
  const { definition, params } = new Registry('dataset', [parquet]).resolve(parseComponent(text));
  return definition.load(params, { dataDir });
};

describeDataset(parquet, { dataDir: root, params: { path: 'test.parquet', trainShare: 0.5 } });

describe('parquet', () => {
  it.each(COMPRESSIONS)('reads what pandas writes, with %s compression', async (compression) => {
    const path = join(FIXTURES, `${compression}.parquet`);
    const table = await readParquet(readFileSync(path), path);
    const expected = readCsv(readFileSync(join(FIXTURES, 'rows.csv')), 'rows.csv');
    expect(table.columns).toEqual(expected.columns);
    const truth = (row: (typeof expected.rows)[number]) =>
      row.map((cell) => (cell === 'True' ? 1 : cell === 'False' ? 0 : cell));
    expect(table.rows).toEqual(expected.rows.map(truth));
  });

  it('is the same dataset as the CSV of the same rows', async () => {
    const { samples, classes, shape } = await load(root);
    expect(shape.dims).toEqual([6]);
    expect(classes).toEqual(['0', '1']);
    const features = samples!.kind === 'table' ? samples!.features : [];
    expect(features.map(({ name, values }) => `${name} ${values}`)).toEqual([
      'age integer',
      'income number',
      'job=clerk category',
      'job=cook category',
      'job=none category',
      'owner integer',
    ]);
  });

  it.each(COMPRESSIONS)('gives one clear error for a damaged file, and never hangs: %s', async (compression) => {
    const folder = join(root, compression);
    mkdirSync(folder);
    const bytes = readFileSync(join(FIXTURES, `${compression}.parquet`));
    const { refused } = await readAll(mutants(bytes, 200), (mutant) => {
      writeFileSync(join(folder, 'test.parquet'), mutant);
      return load(folder);
    });
    expect(refused).toBeGreaterThan(60);
  });
});
