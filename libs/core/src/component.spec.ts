import fc from 'fast-check';

import {
  componentParameter,
  type ComponentSpec,
  formatComponent,
  type ParameterValue,
  parseComponent,
  parseComponents,
} from './component';
import { recipeOfComponents } from './component-grammar.kit';
import { RECIPE } from './component-recipe';

const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,6}$/);
const text = fc.oneof(
  name,
  fc.constantFrom(
    'true',
    'false',
    'null',
    'true.x',
    '',
    '1',
    '-',
    'a b',
    "it's",
    'say "x"',
    `'"'"`,
    'a=b',
    './file.onnx',
    '8/255',
  ),
  fc.string({ unit: 'grapheme' }),
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  fc.integer({ min: 1, max: 255 }).map((level) => level / 255),
);

const { spec } = fc.letrec<{ spec: ComponentSpec; value: ParameterValue }>((tie) => ({
  spec: fc.record({ name, params: fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }) }),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    // Without parameters of its own a component reads as its name.
    (tie('spec') as fc.Arbitrary<ComponentSpec>).filter(({ params }) => Object.keys(params).length > 0),
  ) as fc.Arbitrary<ParameterValue>,
}));

describe('parseComponent', () => {
  it('follows the grammar', () => {
    expect(JSON.parse(recipeOfComponents())).toEqual(RECIPE);
  });

  it('reads back whatever formatComponent writes', () => {
    fc.assert(
      fc.property(spec, (component) => {
        expect(parseComponent(formatComponent(component))).toEqual(component);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it.each<[string, ComponentSpec]>([
    ['adam', { name: 'adam', params: {} }],
    ['adam()', { name: 'adam', params: {} }],
    ['fgs(epsilon=0.1)', { name: 'fgs', params: { epsilon: 0.1 } }],
    [' fgs ( epsilon = 1e-3 , x=-2 ) ', { name: 'fgs', params: { epsilon: 0.001, x: -2 } }],
    ['fgs(epsilon=8/255)', { name: 'fgs', params: { epsilon: 8 / 255 } }],
    ['x(a=-1/2, b=[1e-3/2, 8 / 255])', { name: 'x', params: { a: -0.5, b: [0.0005, 8 / 255] } }],
    ['rad(attack=adam)', { name: 'rad', params: { attack: 'adam' } }],
    [
      'rad(attack=fgs(epsilon=0.1), rounds=5)',
      { name: 'rad', params: { attack: { name: 'fgs', params: { epsilon: 0.1 } }, rounds: 5 } },
    ],
    ['mnist(classes=[4, 7])', { name: 'mnist', params: { classes: [4, 7] } }],
    ['cifar10(classes=[airplane, "cat"])', { name: 'cifar10', params: { classes: ['airplane', 'cat'] } }],
    [
      'cg(rule=largest-gain, fast=true, limit=null)',
      { name: 'cg', params: { rule: 'largest-gain', fast: true, limit: null } },
    ],
    ['x(a=true-ish, b=nullable, c=[])', { name: 'x', params: { a: 'true-ish', b: 'nullable', c: [] } }],
    [`x(a='it''s', b="a ""b""")`, { name: 'x', params: { a: "it's", b: 'a "b"' } }],
  ])('reads %s', (written, component) => {
    expect(parseComponent(written)).toEqual(component);
  });

  it.each([
    ['', 'expected a name'],
    ['fgs(', 'expected ")"'],
    ['fgs(epsilon=)', 'expected'],
    ['fgs(epsilon)', 'expected "="'],
    ['fgs(epsilon=0.1', 'expected'],
    ['fgs epsilon', 'expected'],
    ['fgs(epsilon=5px)', 'expected'],
    ['fgs(epsilon=1, epsilon=2)', 'Parameter "epsilon" is given twice'],
    ['fgs(epsilon=8/0)', '"8/0" divides by zero'],
    ['fgs(epsilon=1e999)', '"1e999" is too large'],
    ['fgs(epsilon=8/)', 'expected'],
    ['fgs(epsilon=8/255px)', 'expected'],
    ['fgs(epsilon=1/2/3)', 'expected'],
    ['adam,cg', 'expected'],
  ])('says where "%s" goes wrong', (written, reason) => {
    expect(() => parseComponent(written)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringMatching(
          new RegExp(
            `^"${escape(written)}" does not name a component: .*${escape(reason)}.*Expected the form name\\(parameter=value, ...\\), such as fgs\\(epsilon=0.1\\)`,
          ),
        ),
      }),
    );
  });

  const escape = (literal: string): string => literal.replace(/[()[\]"=.*+?|/]/g, '\\$&');
});

describe('parseComponents', () => {
  it('refuses a name of a million letters, without repeating it', () => {
    expect(() => parseComponents(`${'f'.repeat(1_000_000)}(epsilon=1)`)).toThrow(/^.{0,80}it has 1000011 characters/);
  });

  it('reads a list', () => {
    expect(parseComponents('fgs(epsilon=0.1),cg , adam').map(formatComponent)).toEqual([
      'fgs(epsilon=0.1)',
      'cg',
      'adam',
    ]);
  });

  it('refuses an empty one', () => {
    expect(() => parseComponents('')).toThrow('does not name a component');
  });
});

describe('formatComponent', () => {
  it.each<[ComponentSpec, string]>([
    [{ name: 'fgs', params: { epsilon: 0.1 } }, 'fgs(epsilon=0.1)'],
    [{ name: 'pgd', params: { epsilon: 8 / 255, steps: [0.2, 2 / 255] } }, 'pgd(epsilon=8/255, steps=[0.2, 2/255])'],
    [{ name: 'rad', params: { attack: { name: 'adam', params: {} } } }, 'rad(attack=adam)'],
    [{ name: 'rad', params: { attack: { name: 'fgs', params: { epsilon: 0.1 } } } }, 'rad(attack=fgs(epsilon=0.1))'],
    [{ name: 'mnist', params: { classes: [4, 7] } }, 'mnist(classes=[4, 7])'],
    [{ name: 'x', params: { path: './a.onnx', on: 'true' } }, 'x(path="./a.onnx", on="true")'],
  ])('writes %j', (component, written) => {
    expect(formatComponent(component)).toBe(written);
  });
});

describe('componentParameter', () => {
  it('takes a component as text and as its parsed form, and gives one form', () => {
    const schema = componentParameter('attack');
    const parsed = { name: 'fgs', params: { epsilon: 0.1 } };
    expect(schema.parse('fgs(epsilon=0.1)')).toEqual(parsed);
    expect(schema.parse(parsed)).toEqual(parsed);
    expect(schema.parse('adam')).toEqual({ name: 'adam', params: {} });
  });

  it('says what is wrong with the text', () => {
    const issue = componentParameter('attack').safeParse('fgs(epsilon').error?.issues[0];
    expect(JSON.stringify(issue)).toContain('does not name a component');
  });
});
