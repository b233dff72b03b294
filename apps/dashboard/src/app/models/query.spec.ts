import { modelsQuery } from './query';

const query = (address: string) => modelsQuery(new URLSearchParams(address));

it('has the models of the newest runs first where nothing is said', () => {
  expect(query('')).toEqual({ order: 'latest', descending: true, page: 1 });
});

it('sorts and filters by what it knows, and leaves the rest out', () => {
  expect(query('order=clean-error')).toMatchObject({ order: 'clean-error', descending: false });
  expect(query('order=label&dir=desc')).toMatchObject({ order: 'label', descending: true });
  expect(query('order=beauty&page=0')).toEqual(query(''));
  expect(query('search=rad&tag=to%20ship')).toMatchObject({ search: 'rad', tag: 'to ship' });
});
