import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseComponent, Registry, Rng } from '@rampart/core';
import { describeDataset } from '@rampart/testing';

import { csv } from './csv';
import { readCsv } from './csv-table';
import { mutants, readAll } from './damaged.kit';

const root = mkdtempSync(join(tmpdir(), 'csv-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Rows of loans: whole numbers, a number, a category in text, a category in columns, a class. */
function loans(name: string, count: number): string {
  const rng = Rng.root(name);
  const rows = Array.from({ length: count }, (_, i) => {
    const home = rng.integer(2);
    const job = ['clerk', 'cook', 'none'][rng.integer(3)];
    const income = (rng.uniform() * 9000).toFixed(2);
    return [18 + rng.integer(50), income, job, home, 1 - home, i % 2 === 0 ? 'paid' : 'lost'].join(',');
  });
  return ['age,income,job,home_own,home_rent,label', ...rows].join('\n');
}

function folder(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = join(root, name);
  mkdirSync(path);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

const load = (dataDir: string, text = 'csv') => {
  const { definition, params } = new Registry('dataset', [csv]).resolve(parseComponent(text));
  return definition.load(params, { dataDir });
};

const plain = folder('plain', { 'train.csv': loans('train', 60), 'test.csv': loans('test', 30) });
describeDataset(csv, { dataDir: plain });

describe('csv', () => {
  it('names its features, with bounds, whole numbers and categories, each scaled to [0, 1]', async () => {
    const { shape, box, samples, classes, own } = await load(plain);
    expect(shape.dims).toEqual([7]);
    expect(box).toEqual({ min: 0, max: 1 });
    expect(classes).toEqual(['lost', 'paid']);
    expect(own!.labels).toEqual([0, 1]);
    const features = samples!.kind === 'table' ? samples!.features : [];
    expect(features.map(({ name, values, column }) => [name, values, column])).toEqual([
      ['age', 'integer', undefined],
      ['income', 'number', undefined],
      ['job=clerk', 'category', 'job'],
      ['job=cook', 'category', 'job'],
      ['job=none', 'category', 'job'],
      ['home_own', 'category', 'home'],
      ['home_rent', 'category', 'home'],
    ]);
    expect(features[0]!.min).toBeGreaterThanOrEqual(18);
    expect(features.every(({ fixed }) => !fixed)).toBe(true);
  });

  it('gives back each cell of the file by the bounds of its feature', async () => {
    const { samples, test } = await load(plain, 'csv(oneHot=false, features=[income, age], fixed=[age])');
    const features = samples!.kind === 'table' ? samples!.features : [];
    expect(features.map(({ name, fixed }) => [name, fixed])).toEqual([
      ['income', false],
      ['age', true],
    ]);
    const rows = loans('test', 30).split('\n').slice(1);
    rows.forEach((line, row) => {
      const [age, income] = line.split(',').map(Number);
      [income, age].forEach((value, k) => {
        const { min, max } = features[k]!;
        expect(min + (max - min) * test.images.data[2 * row + k]!).toBeCloseTo(value!, 2);
      });
    });
  });

  it('reads a single file, for testing alone or a share of it for training', async () => {
    const single = folder('single', { 'loans.csv': loans('single', 40) });
    expect((await load(single, 'csv(path=loans.csv)')).train.images.count).toBe(0);
    const { train, test } = await load(single, 'csv(path=loans.csv, trainShare=0.75)');
    expect([train.images.count, test.images.count]).toEqual([30, 10]);
  });

  it('takes whole numbers in the column of classes for labels, and names for them', async () => {
    const labelled = folder('labelled', {
      'test.csv': 'a;b;target\n1,5;2;5\n2,5;3;9\n0,5;1;12\n'.replaceAll(',', '.'),
    });
    const { classes, own, test } = await load(labelled);
    expect(classes).toEqual(['5', '9', '12']);
    expect(own!.labels).toEqual([5, 9, 12]);
    expect([...test.labels]).toEqual([0, 1, 2]);
    await expect(load(labelled, 'csv(names=[no, yes])')).rejects.toThrow(
      'one of the classes no, yes. Received "5" in row 1',
    );
  });

  it('calls columns by their numbers where there is no line of names', () => {
    const { columns, rows } = readCsv(Buffer.from('1,2,0\n3,4,1\n'), 'a.csv');
    expect(columns).toEqual(['0', '1', '2']);
    expect(rows).toEqual([
      [1, 2, 0],
      [3, 4, 1],
    ]);
  });

  it.each([
    ['an empty cell', 'a,label\n1,0\n,1\n', 'Received none in row 2, column "a"'],
    ['a text among numbers', 'a,label\n1,0\n?,1\n', 'Received "?" among the numbers of column "a"'],
    ['lines of several lengths', 'a,label\n1,0\n2,3,1\n', 'expected a table in CSV'],
    ['a quote that is never closed', 'a,label\n"1,0\n2,1\n', 'expected a table in CSV'],
    ['columns of one name', 'a,a,label\n1,2,0\n', 'two called "a"'],
    ['no rows', 'a,label\n', 'expected a table with rows'],
    ['nothing', '', 'Received an empty file'],
    ['one column', 'label\n1\n2\n', 'a column of classes and one of features'],
    ['bytes that are no text', Buffer.of(0xff, 0xfe, 0, 1), 'a text in UTF-8'],
  ])('refuses %s', async (what, content, message) => {
    await expect(load(folder(what, { 'test.csv': content }))).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining(message),
    });
  });

  it('refuses a column that does not exist, and a folder without a test file', async () => {
    await expect(load(plain, 'csv(fixed=[sex])')).rejects.toThrow('expected a column "sex". Received the columns age');
    await expect(load(root)).rejects.toMatchObject({ code: 'missing', message: expect.stringContaining('test.csv') });
  });

  it('gives one clear error for a damaged file, and never hangs', async () => {
    const damaged = folder('damaged', {});
    const outcomes = await readAll(mutants(Buffer.from(loans('few', 20)), 400), (mutant) => {
      writeFileSync(join(damaged, 'test.csv'), mutant);
      return load(damaged);
    });
    expect(outcomes.refused).toBeGreaterThan(100);
  });
});
