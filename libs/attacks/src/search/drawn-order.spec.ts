import { Rng } from '@rampart/core';

import { drawnOrder } from './drawn-order';

describe('drawnOrder', () => {
  const root = Rng.root('order');
  const drawn = (names: readonly string[]) => {
    const { instances, rng } = drawnOrder({ count: names.length, rng: (i) => root.split(names[i]!) });
    return { names: Array.from(instances, (i) => names[i]), number: rng.uniform() };
  };

  it('has every instance once', () => {
    expect(drawn(['a', 'b', 'c', 'd', 'e']).names.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('does not depend on the order that the instances come in', () => {
    expect(drawn(['e', 'c', 'a', 'd', 'b'])).toEqual(drawn(['a', 'b', 'c', 'd', 'e']));
  });
});
