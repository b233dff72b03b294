import { type ComponentDefinition, defineAttack, defineMetric } from '@rampart/core';
import { z } from 'zod';

import { attacks, metrics } from '../components';
import type { Step } from '../step';
import { foreignComponents } from './foreign-components';

const facts = { summary: 'A component of a plugin.', source: 'This spec', version: 1, params: z.object({}) };
const origin = 'plugin acme 1.2.0, 0123456789abcdef';
const foreign = <D extends ComponentDefinition>(definition: D): D => ({ ...definition, origin });

beforeAll(() => {
  attacks.add(
    foreign(
      defineAttack({
        ...facts,
        name: 'acme-attack',
        threat: () => ({ norm: 'none' }),
        create: () => () => Promise.reject(new Error('never called')),
      }),
    ),
  );
  metrics.add(foreign(defineMetric({ ...facts, name: 'acme-metric', unit: 'fraction', compute: () => undefined })));
});

/** Of a step only what says who does it counts. */
const step = (fields: object): Step => fields as Step;
const own = { name: 'fgs', params: { epsilon: 0.1 } };
const theirs = { name: 'acme-attack', params: { epsilon: 0.1 } };

it.each<[string, object, string[]]>([
  [
    'an attack of a plugin',
    { kind: 'attack', attack: theirs },
    ['Plugin acme 1.2.0, attack "acme-attack(epsilon=0.1)"'],
  ],
  ['an attack of our own', { kind: 'attack', attack: own }, []],
  [
    'a defense of our own that trains against an attack of a plugin',
    { kind: 'harden', defense: { name: 'rad', params: { rounds: 1, attack: theirs } } },
    ['Plugin acme 1.2.0, attack "acme-attack(epsilon=0.1)"'],
  ],
  [
    'an evaluation with metrics of both',
    {
      kind: 'evaluate',
      metrics: [
        { name: 'recall', params: {} },
        { name: 'acme-metric', params: {} },
      ],
    },
    ['Plugin acme 1.2.0, metric "acme-metric"'],
  ],
  ['a training of our own', { kind: 'train', architecture: { name: 'lenet5', params: {} } }, []],
  ['a file', { kind: 'import' }, []],
])('names the components of plugins that work in %s', (_what, fields, expected) => {
  expect(foreignComponents(step(fields))).toEqual(expected);
});
