import { galleryQuery, seedOf } from './query';

const query = (address: string) => galleryQuery('run', new URLSearchParams(address));

it('shows the first page of attacks on the model itself where nothing is said', () => {
  expect(query('')).toEqual({ id: 'run', mode: 'adaptive', order: 'evaded', page: 1 });
});

it('reads model, attack, outcome, seed and page', () => {
  expect(query('mode=static&model=lenet5&attack=cg&outcome=evaded&seed=3&order=distortion&page=2')).toEqual({
    ...{ id: 'run', mode: 'static', model: 'lenet5', attack: 'cg', outcome: 'evaded', seed: 3, page: 2 },
    order: 'distortion',
  });
});

it('leaves out what it does not know', () => {
  expect(query('outcome=escaped&seed=-1&order=size&page=x')).toEqual({
    ...{ id: 'run', mode: 'adaptive', order: 'evaded', page: 1 },
  });
});

it.each([
  ['seed=0', { seed: 0 }],
  ['seed=', {}],
  ['seed=1e9', {}],
  ['seed=12345678901', {}],
])('takes %s for %o', (address, expected) => {
  expect(seedOf(new URLSearchParams(address))).toEqual(expected);
});
