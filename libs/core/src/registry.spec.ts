import { z } from 'zod';

import { type AttackDefinition, defineAttack } from './attack';
import { componentParameter, parseComponent } from './component';
import { defineDefense } from './defense';
import { Registry } from './registry';

const attack = (name: string, params: z.ZodObject, version = 1): AttackDefinition =>
  defineAttack({
    name,
    summary: 'An attack',
    source: 'This spec',
    version,
    params,
    threat: () => ({ norm: 'none' }),
    create:
      () =>
      async ({ originals, count }) => ({ candidates: originals.slice(), iterations: new Int32Array(count) }),
  });

const attacks = new Registry<AttackDefinition>('attack', [
  attack('fgs', z.object({ epsilon: z.number().positive().default(0.1).meta({ shown: true }) }), 3),
  attack('adam', z.object({ learningRate: z.number().default(0.2), iterations: z.int().default(200) })),
  attack('cg', z.object({})),
]);

const defenses = new Registry('defense', [
  defineDefense({
    name: 'rad',
    summary: 'A defense',
    source: 'This spec',
    version: 2,
    params: z.object({ attack: componentParameter('attack'), rounds: z.int().positive().default(3) }),
    harden: async (_params, { model }) => ({ model, curves: [], facts: {} }),
  }),
]);

const resolve = (text: string) => attacks.resolve(parseComponent(text));
const harden = (text: string) => defenses.resolve(parseComponent(text), { attack: attacks });

describe('Registry', () => {
  it('lists its components by name', () => {
    expect(attacks.names()).toEqual(['adam', 'cg', 'fgs']);
    expect([attacks.has('cg'), attacks.has('pgd')]).toEqual([true, false]);
  });

  it('refuses a second component of a name', () => {
    expect(() => new Registry('attack', [attack('a', z.object({})), attack('a', z.object({}))])).toThrow(
      'There are two components of kind attack with the name "a". Rename one of them.',
    );
  });

  it.each([
    ['fsg', 'Unknown attack "fsg". Did you mean "fgs"? Known: adam, cg, fgs.'],
    ['Adam', 'Unknown attack "Adam". Did you mean "adam"? Known: adam, cg, fgs.'],
    ['fg', 'Unknown attack "fg". Did you mean "fgs"? Known: adam, cg, fgs.'],
    ['adma', 'Unknown attack "adma". Did you mean "adam"? Known: adam, cg, fgs.'],
    ['carlini-wagner', 'Unknown attack "carlini-wagner". Known: adam, cg, fgs.'],
  ])('knows what %s was probably meant to be', (name, message) => {
    expect(() => resolve(name)).toThrow(expect.objectContaining({ code: 'usage', message }));
  });

  it('fills in the defaults', () => {
    const { spec, params } = resolve('adam(iterations=7)');
    expect(params).toEqual({ learningRate: 0.2, iterations: 7 });
    expect(spec).toEqual({ name: 'adam', params: { learningRate: 0.2, iterations: 7 } });
  });

  it('gives the same spec whether a default is written or left out', () => {
    expect(resolve('adam(learningRate=0.2)').spec).toEqual(resolve('adam').spec);
  });

  it('resolves its own specs to themselves', () => {
    for (const resolved of [resolve('fgs'), resolve('adam(learningRate=0.05)')]) {
      expect(attacks.resolve(resolved.spec)).toEqual(resolved);
    }
    const rad = harden('rad(attack=fgs(epsilon=0.3))');
    expect(defenses.resolve(rad.spec, { attack: attacks })).toEqual(rad);
  });

  it.each([
    ['adam', 'adam'],
    ['adam(learningRate=0.2, iterations=200)', 'adam'],
    ['adam(learningRate=0.05)', 'adam(learningRate=0.05)'],
    ['fgs', 'fgs(epsilon=0.1)'],
    ['fgs(epsilon=0.5)', 'fgs(epsilon=0.5)'],
  ])('labels %s as %s', (text, label) => {
    expect(resolve(text).label).toBe(label);
  });

  it.each([
    ['rad(attack=adam)', 'rad(attack=adam)'],
    ['rad(attack=adam(learningRate=0.2), rounds=3)', 'rad(attack=adam)'],
    ['rad(attack=fgs)', 'rad(attack=fgs(epsilon=0.1))'],
    ['rad(attack=fgs(epsilon=0.1))', 'rad(attack=fgs(epsilon=0.1))'],
    ['rad(attack=adam(learningRate=0.05), rounds=5)', 'rad(attack=adam(learningRate=0.05), rounds=5)'],
  ])('labels %s as %s', (text, label) => {
    expect(harden(text).label).toBe(label);
  });

  it('checks and completes the components among the parameters', () => {
    const { spec, versions } = harden('rad(attack=adam)');
    expect(spec.params['attack']).toEqual({ name: 'adam', params: { learningRate: 0.2, iterations: 200 } });
    expect(versions).toEqual({ rad: 2, adam: 1 });
    expect(harden('rad(attack=fgs)').versions).toEqual({ rad: 2, fgs: 3 });
    expect(() => harden('rad(attack=adm)')).toThrow('Unknown attack "adm". Did you mean "adam"?');
    expect(() => harden('rad(attack=fgs(epsilon=-1))')).toThrow('attack "fgs", parameter "epsilon"');
  });

  it.each([
    ['fgs(epsilon=-1)', /^attack "fgs", parameter "epsilon": .*Received: -1\.$/],
    ['fgs(epsilon=NaN)', /^attack "fgs", parameter "epsilon": .*Received: "NaN"\.$/],
    ['fgs(epsilon=[1])', /^attack "fgs", parameter "epsilon": .*Received: \[1\]\.$/],
    ['adam(iterations=1.5)', /^attack "adam", parameter "iterations": Expected a whole number\. Received: 1\.5\.$/],
    ['fgs(epsilom=0.1)', /^Unknown parameter of attack "fgs": "epsilom". Did you mean "epsilon"\? Known: epsilon\.$/],
    ['cg(step=1)', /^attack "cg" takes no parameters. Received: step\.$/],
  ])('refuses %s', (text, message) => {
    expect(() => resolve(text)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringMatching(message) }),
    );
  });

  it('refuses NaN and infinity that come as numbers', () => {
    for (const epsilon of [NaN, Infinity]) {
      expect(() => attacks.resolve({ name: 'fgs', params: { epsilon } })).toThrow(
        expect.objectContaining({ code: 'usage', message: expect.stringContaining(`Received: ${epsilon}.`) }),
      );
    }
  });

  it('asks for a parameter without a default', () => {
    expect(() => harden('rad')).toThrow(/^defense "rad", parameter "attack": .*Received: nothing\.$/);
  });
});
