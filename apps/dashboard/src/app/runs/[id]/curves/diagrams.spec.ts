import { BUDGETS, diagramLook, diagramTitle, robustnessDiagram } from './diagrams';

it('draws robust accuracy on the whole scale, in steps', () => {
  expect(diagramLook(robustnessDiagram('l2'))).toMatchObject({
    ...{ title: 'Robust accuracy, l2', yFormat: 'percent', step: true, wholeY: true },
  });
});

it.each([
  ['training: training loss', 'Training loss', 'epoch'],
  ['training: evading training instances', 'Evading training instances', 'round'],
  ['recall-epsilon', 'Recall against epsilon', 'epsilon'],
])('%s is called "%s", over its %s', (diagram, title, xLabel) => {
  expect(diagramLook(diagram)).toMatchObject({ title, xLabel });
});

it('draws the front of clean against robust error over parts, not over whole rounds', () => {
  expect(diagramLook('training: front: worst-case error against clean error')).toMatchObject({
    ...{ xLabel: 'clean error', wholeX: false },
  });
  expect(diagramLook('training: evading training instances')).toMatchObject({ wholeX: true });
});

it('calls what it does not know by its own name', () => {
  expect(diagramTitle('of a plugin')).toBe('of a plugin');
});

it('draws shares of instances in percent against each budget', () => {
  for (const budget of BUDGETS) expect(diagramLook(budget)).toMatchObject({ yFormat: 'percent', step: true });
});
