import { compareQuery, readColumns, writeColumns } from './query';

const query = (address: string) => compareQuery(new URLSearchParams(address));

it('compares robust accuracy under attacks on each model itself where nothing is said', () => {
  expect(query('')).toEqual({ columns: [], metric: 'robust-accuracy', mode: 'adaptive' });
});

it('reads runs and models of runs, in their order', () => {
  const { columns } = query('runs=20260101-a;20260102-b~rad(attack=adam)');
  expect(columns).toEqual([{ run: '20260101-a' }, { run: '20260102-b', model: 'rad(attack=adam)' }]);
});

it('writes what it reads, a tilde in a model and all', () => {
  const columns = [{ run: 'a' }, { run: 'b', model: 'mine~2' }];
  expect(readColumns(writeColumns(columns)!)).toEqual(columns);
  expect(writeColumns([])).toBeUndefined();
});

it('takes commas between whole runs', () => {
  expect(readColumns('a,b')).toEqual([{ run: 'a' }, { run: 'b' }]);
  expect(readColumns('a~rad(x=1, y=2)')).toEqual([{ run: 'a', model: 'rad(x=1, y=2)' }]);
});

it('leaves out columns without a run or a model, and those beyond the fortieth', () => {
  expect(readColumns(';~x;a~;b')).toEqual([{ run: 'b' }]);
  expect(readColumns(Array.from({ length: 50 }, (_, i) => `r${i}`).join(';'))).toHaveLength(40);
});

it('takes no metric that cannot be one', () => {
  expect(query('metric=recall&mode=static')).toMatchObject({ metric: 'recall', mode: 'static' });
  expect(query('metric=Robert%22)%3B--&mode=other')).toMatchObject({ metric: 'robust-accuracy', mode: 'adaptive' });
});
