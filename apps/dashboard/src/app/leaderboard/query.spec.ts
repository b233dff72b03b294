import { leaderboardQuery } from './query';

const query = (address: string) => leaderboardQuery(new URLSearchParams(address));

it('ranks by attacks on each model itself where nothing is said', () => {
  expect(query('')).toEqual({ mode: 'adaptive' });
});

it('takes an epsilon of a norm, and none that cannot be one', () => {
  expect(query('norm=linf&epsilon=0.03')).toEqual({ at: { norm: 'linf', epsilon: 0.03 }, mode: 'adaptive' });
  for (const wrong of ['norm=linf', 'norm=l3&epsilon=1', 'norm=l2&epsilon=0', 'norm=l2&epsilon=x']) {
    expect(query(wrong)).toEqual({ mode: 'adaptive' });
  }
});

it('has archived runs where that is asked for', () => {
  expect(query('archived=1')).toEqual({ archived: true, mode: 'adaptive' });
  expect(query('archived=yes')).toEqual({ mode: 'adaptive' });
});

it('takes a dataset and a threat as they are called', () => {
  expect(query('dataset=mnist(testLimit%3D10)&threat=linf(8/255)&mode=static')).toEqual({
    ...{ dataset: 'mnist(testLimit=10)', threat: 'linf(8/255)', mode: 'static' },
  });
});
