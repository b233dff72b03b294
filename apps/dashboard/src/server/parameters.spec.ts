import { parameters } from './parameters';

it('has the first value of each parameter, and none for those without', () => {
  const found = parameters({ mode: ['static', 'adaptive'], page: '2', model: undefined });
  expect([...found]).toEqual([
    ['mode', 'static'],
    ['page', '2'],
  ]);
});
