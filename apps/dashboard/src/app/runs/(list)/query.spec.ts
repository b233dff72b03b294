import { listQuery } from './query';

const query = (address: string) => listQuery(new URLSearchParams(address));

it('has the newest runs first where nothing is said', () => {
  expect(query('')).toEqual({ order: 'started', descending: true, page: 1 });
});

it.each([
  ['order=name', { order: 'name', descending: false }],
  ['order=name&dir=desc', { order: 'name', descending: true }],
  ['order=robust-accuracy', { order: 'robust-accuracy', descending: true }],
  ['order=robust-accuracy&dir=asc', { order: 'robust-accuracy', descending: false }],
  ['order=elsewhere', { order: 'started', descending: true }],
])('sorts by %s', (address, expected) => {
  expect(query(address)).toMatchObject(expected);
});

it('filters by what it knows, and leaves the rest out', () => {
  expect(query('search=rad&state=failed&tag=night&dataset=mnist')).toMatchObject({
    ...{ search: 'rad', state: 'failed', tag: 'night', dataset: 'mnist' },
  });
  expect(query('shelf=archived').shelf).toBe('archived');
  expect(query('shelf=listed')).toEqual(query('shelf=under-the-bed'));
  expect(query('search=&state=finished')).toEqual({ order: 'started', descending: true, page: 1 });
  expect(query(`tag=${'x'.repeat(100)}`).tag).toHaveLength(60);
});

it.each([
  ['7', 7],
  ['0', 1],
  ['1.5', 1],
  ['-3', 1],
  ['100001', 1],
  ['two', 1],
])('takes page %s for %d', (page, expected) => {
  expect(query(`page=${page}`).page).toBe(expected);
});
