import type { ModelRecord } from '@rampart/results';

import { caveatsOf, knowledgeText, peculiaritiesOf } from './peculiarities';

const record = (label: string, facts: ModelRecord['facts'], parents: readonly string[] = []): ModelRecord => ({
  runId: 'run',
  seed: 1,
  label,
  step: `step of ${label}`,
  artifact: '',
  parents,
  parameters: 1,
  engine: 'none',
  facts,
});

const models = [
  record('plain', { gradient: 'exact' }),
  record('trained here', {}),
  record('forest', { gradient: 'estimated from 64 queries (SPSA)', caveats: 'its gradient is zero everywhere.' }),
  record('quantised', { gradient: 'straight through Round' }),
  record('noisy', { gradient: 'exact', caveats: 'it draws random numbers.' }),
  record('rad on quantised', { rounds: 3 }, ['step of quantised']),
];
const peculiarities = peculiaritiesOf(models);

describe('what attacks had to go by', () => {
  it.each<[readonly string[], string]>([
    [['plain', 'trained here', 'noisy'], 'white-box'],
    [['forest'], 'gradients estimated from queries'],
    [['quantised', 'rad on quantised'], 'gradients straight through rounding'],
    [['plain', 'forest'], 'white-box but for forest: gradients estimated from queries'],
    [
      ['forest', 'quantised'],
      'forest: gradients estimated from queries, quantised: gradients straight through rounding',
    ],
  ])('%p: %s', (labels, text) => {
    expect(knowledgeText(labels, peculiarities)).toBe(text);
  });
});

it('tells what holds for a model, and nothing of those that there is nothing to tell of', () => {
  expect(caveatsOf(['plain', 'noisy', 'forest'], peculiarities)).toEqual([
    'noisy: it draws random numbers.',
    'forest: its gradient is zero everywhere.',
  ]);
  expect([...peculiarities.keys()]).not.toContain('plain');
});
