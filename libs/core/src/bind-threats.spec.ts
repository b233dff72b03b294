import { z } from 'zod';

import { type AttackDefinition, defineAttack } from './attack';
import { type BoundAttacks, bindThreats } from './bind-threats';
import { componentParameter, parseComponents } from './component';
import { Registry } from './registry';
import type { NormName } from './threat/norm';
import { formatThreat, parseThreats } from './threat/parse-threats';
import type { ThreatModel } from './threat/threat-model';

const facts = { summary: 'An attack', source: 'This spec', version: 1 };
const each = () => () => Promise.resolve();
const steps = z.int().positive().default(10);

function free(name: string, params: z.ZodObject, threat: (params: Record<string, unknown>) => ThreatModel) {
  const create = () => () => Promise.reject(new Error('It does not run here.'));
  return defineAttack({ ...facts, name, params, threat, create });
}

const epsilon = z.number().positive().default(0.1).meta({ shown: true });
const budget = (name: string, norms: readonly NormName[], params: z.ZodObject = z.object({ steps })) =>
  defineAttack({ ...facts, name, family: 'budget', norms, params, each });
const minimum = (name: string, norms: readonly NormName[]) =>
  defineAttack({ ...facts, name, family: 'minimum-norm', norms, params: z.object({ steps }), each });

const registry = new Registry<AttackDefinition>('attack', [
  budget('pgd', ['linf', 'l2', 'l1']),
  budget('jsma', ['l0']),
  budget(
    'substitute',
    ['linf'],
    z.object({
      attack: componentParameter('attack').default({ name: 'fgs', params: {} }).meta({ component: 'attack' }),
    }),
  ),
  minimum('fmn', ['linf', 'l2', 'l1', 'l0']),
  minimum('sigma-zero', ['l0']),
  free('fgs', z.object({ epsilon }), (params) => ({ norm: 'linf', epsilon: Number(params['epsilon']) })),
  free('must', z.object({ epsilon: z.number().positive() }), (params) => ({
    norm: 'l2',
    epsilon: Number(params['epsilon']),
  })),
  free('fixed', z.object({}), () => ({ norm: 'l2', epsilon: 0.5 })),
  free('adam', z.object({ steps }), () => ({ norm: 'none' })),
  free('odd', z.object({ epsilon }), () => ({ norm: 'none' })),
]);

const bind = (attacks: string, threats: string): BoundAttacks =>
  bindThreats(parseComponents(attacks), threats === '' ? [] : parseThreats(threats), registry, { attack: registry });

/** What runs, and what fills each threat: `label` for a budget, `~label` by distance. */
function told({ attacks, threats }: BoundAttacks) {
  return {
    runs: attacks.map(({ label }) => label),
    fills: Object.fromEntries(
      threats.map(({ threat, fills }) => [
        formatThreat(threat),
        fills.map(({ attack, family }) => (family === 'budget' ? attack.label : `~${attack.label}`)),
      ]),
    ),
  };
}

describe('bindThreats', () => {
  it('runs an attack with a budget at each threat of its norms', () => {
    expect(told(bind('pgd(steps=40)', 'linf(8/255),linf(0.3),l2(0.5),l0(20)'))).toEqual({
      runs: ['pgd(epsilon=8/255, steps=40)', 'pgd(epsilon=0.3, steps=40)', 'pgd(norm=l2, epsilon=0.5, steps=40)'],
      fills: {
        'linf(8/255)': ['pgd(epsilon=8/255, steps=40)'],
        'linf(0.3)': ['pgd(epsilon=0.3, steps=40)'],
        'l2(0.5)': ['pgd(norm=l2, epsilon=0.5, steps=40)'],
        'l0(20)': [],
      },
    });
  });

  it('keeps one that names its norm to that norm', () => {
    expect(told(bind('pgd(norm=l2),fmn(norm=l0)', 'linf(0.3),l2(0.5),l0(20)'))).toEqual({
      runs: ['pgd(norm=l2, epsilon=0.5)', 'fmn(norm=l0)'],
      fills: { 'linf(0.3)': [], 'l2(0.5)': ['pgd(norm=l2, epsilon=0.5)'], 'l0(20)': ['~fmn(norm=l0)'] },
    });
  });

  it('leaves one that names its epsilon as it is: it fills the threat that is just that', () => {
    expect(told(bind('pgd(epsilon=8/255),pgd(epsilon=0.5),fgs(epsilon=0.1)', 'linf(8/255),l2(0.5)'))).toEqual({
      runs: ['pgd(epsilon=8/255)', 'pgd(epsilon=0.5)', 'fgs(epsilon=0.1)'],
      fills: { 'linf(8/255)': ['pgd(epsilon=8/255)'], 'l2(0.5)': [] },
    });
    expect(told(bind('pgd(norm=l2, epsilon=1/2)', 'linf(8/255),l2(0.5)')).fills['l2(0.5)']).toHaveLength(1);
  });

  it('runs one that looks for the nearest example once a norm, for all its threats', () => {
    expect(told(bind('fmn', 'linf(2/255),l2(0.5),linf(8/255)'))).toEqual({
      runs: ['fmn', 'fmn(norm=l2)'],
      fills: { 'linf(2/255)': ['~fmn'], 'l2(0.5)': ['~fmn(norm=l2)'], 'linf(8/255)': ['~fmn'] },
    });
  });

  it('runs one without a family at the threats of the norm that it states', () => {
    expect(told(bind('fgs,must,fixed', 'linf(0.2),linf(0.3),l2(0.5)'))).toEqual({
      runs: ['fgs(epsilon=0.2)', 'fgs(epsilon=0.3)', 'must(epsilon=0.5)', 'fixed'],
      fills: {
        'linf(0.2)': ['fgs(epsilon=0.2)'],
        'linf(0.3)': ['fgs(epsilon=0.3)'],
        'l2(0.5)': ['must(epsilon=0.5)', 'fixed'],
      },
    });
  });

  it('runs one that has no norm outside the threats', () => {
    expect(told(bind('adam,odd', 'linf(0.3)'))).toEqual({
      runs: ['adam', 'odd(epsilon=0.1)'],
      fills: { 'linf(0.3)': [] },
    });
  });

  it('runs an attack once, however often it is written', () => {
    const bound = bind('pgd,pgd(norm=linf),pgd(epsilon=0.3),pgd(steps=10),adam,adam', 'linf(0.3)');
    expect(told(bound)).toEqual({ runs: ['pgd(epsilon=0.3)', 'adam'], fills: { 'linf(0.3)': ['pgd(epsilon=0.3)'] } });
  });

  it('names the same objects in what runs and in what fills', () => {
    const { attacks, threats } = bind('pgd,fmn,fgs', 'linf(0.2),linf(0.3),l2(0.5)');
    const filling = threats.flatMap(({ fills }) => fills.map(({ attack }) => attack));
    expect(filling.every((attack) => attacks.includes(attack))).toBe(true);
    expect(new Set(attacks)).toEqual(new Set(filling));
  });

  it('resolves attacks with the components among their parameters', () => {
    const [attack] = bind('substitute', 'linf(0.3)').attacks;
    expect(attack!.params).toMatchObject({ epsilon: 0.3, attack: { name: 'fgs', params: { epsilon: 0.1 } } });
  });

  it('changes nothing where there are no threats', () => {
    const specs = parseComponents('fgs,fgs,adam,pgd(epsilon=0.3),fmn');
    const { attacks, threats } = bindThreats(specs, [], registry);
    expect(attacks).toEqual(specs.map((spec) => registry.resolve(spec)));
    expect(threats).toEqual([]);
  });

  it.each([
    [
      'jsma',
      'linf(8/255),l2(0.5)',
      'Attack "jsma" fits none of the threats linf(8/255), l2(0.5): it knows l0. Add a threat of its norm, or leave the attack out.',
    ],
    [
      'pgd(norm=l1)',
      'linf(0.3)',
      'Attack "pgd(norm=l1)" fits none of the threats linf(0.3): it knows linf, l2, l1 and is told to run in l1. Add a threat of its norm, or leave the attack out.',
    ],
    ['fmn(norm=l2)', 'l0(20)', /^Attack "fmn\(norm=l2\)" .*: it knows linf, l2, l1, l0 and is told to run in l2\./],
    ['sigma-zero', 'linf(0.3)', /^Attack "sigma-zero" fits none of the threats linf\(0\.3\): it knows l0\./],
    ['fgs', 'l2(0.5)', /^Attack "fgs" fits none of the threats l2\(0\.5\): it knows linf\./],
    ['pgd,jsma', 'linf(0.3)', /^Attack "jsma"/],
    ['pdg', 'linf(0.3)', /^Unknown attack "pdg"\. Did you mean "pgd"\?/],
    ['pgd(norm=l0)', 'l0(20)', /^attack "pgd", parameter "norm": .*Received: "l0"\.$/],
    ['pgd(stesp=3)', 'l0(20)', /^Unknown parameter of attack "pgd": "stesp"\. Did you mean "steps"\?/],
    ['pgd(steps=0)', 'l0(20)', /^attack "pgd", parameter "steps"/],
    ['fmn(epsilon=0.3)', 'linf(0.3)', /^Unknown parameter of attack "fmn": "epsilon"\./],
  ])('refuses %s under %s', (attacks, threats, message) => {
    expect(() => bind(attacks, threats)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }),
    );
  });

  it('asks for an epsilon where neither attack nor threats name one', () => {
    const expected = 'expected a number above 0, or threats in the experiment that give it one';
    for (const [text, received] of [
      ['pgd', 'nothing'],
      ['pgd(epsilon=far)', '"far"'],
    ] as const) {
      const message = `attack "pgd", parameter "epsilon": ${expected}. Received: ${received}.`;
      expect(() => bind(text, '')).toThrow(expect.objectContaining({ code: 'usage', message }));
    }
  });
});
