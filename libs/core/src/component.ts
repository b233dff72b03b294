import * as ohm from 'ohm-js';
import { z } from 'zod';

import { RECIPE } from './component-recipe';
import { messageOf, RampartError } from './error';
import { formatNumber, parseNumber } from './fraction';

/** A parameter's value: plain JSON, where an object is a component with parameters of its own. */
export type ParameterValue = string | number | boolean | null | ComponentSpec | readonly ParameterValue[];

export type Parameters = Readonly<Record<string, ParameterValue>>;

/** A component and its parameters, as an experiment file writes them: `fgs(epsilon=0.1)`. */
export interface ComponentSpec {
  readonly name: string;
  readonly params: Parameters;
}

/** Words that stand for something else than themselves. */
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const MEANINGS: ohm.ActionDict<unknown> = {
  One: (spec, _end) => spec.read(),
  Many: (specs, _end) => specs.asIteration().children.map((spec) => spec.read()),
  Spec: (name, args) => ({ name: name.sourceString, params: args.children[0]?.read() ?? {} }),
  Call: (name, args) => ({ name: name.sourceString, params: args.read() }),
  Arguments: (_open, list, _close) => {
    const params: Record<string, unknown> = {};
    for (const parameter of list.asIteration().children) {
      const [key, value] = parameter.read() as [string, unknown];
      if (Object.hasOwn(params, key)) throw new SyntaxError(`Parameter "${key}" is given twice.`);
      params[key] = value;
    }
    return params;
  },
  Parameter: (name, _equals, value) => [name.sourceString, value.read()],
  List: (_open, list, _close) => list.asIteration().children.map((item) => item.read()),
  name: (_first, _rest) => undefined,
  number: (fraction) => parseNumber(fraction.sourceString),
  word: (word) => WORDS.get(word.sourceString),
  string_double: (_open, content, _close) => content.sourceString.replaceAll('""', '"'),
  string_single: (_open, content, _close) => content.sourceString.replaceAll("''", "'"),
  Value: (value) => (value.ctorName === 'name' ? value.sourceString : value.read()),
};

/** Made when the first component is read. */
let language: { readonly grammar: ohm.Grammar; readonly semantics: ohm.Semantics } | undefined;

/** What the files that ohm's compiler makes of grammars call; its declarations leave it out. */
const { makeRecipe } = ohm as unknown as { makeRecipe(recipe: unknown): ohm.Grammar };

function makeLanguage() {
  const grammar = makeRecipe(RECIPE);
  return { grammar, semantics: grammar.createSemantics().addOperation<unknown>('read()', MEANINGS) };
}

/** Characters of components at most: a list of a thousand classes has a tenth of them. */
const LONGEST = 50_000;

function read(text: string, rule: 'One' | 'Many'): unknown {
  if (text.length > LONGEST) {
    throw malformed(
      `${text.slice(0, 40)}...`,
      `it has ${text.length} characters, and ${LONGEST} are the most that is taken`,
    );
  }
  language ??= makeLanguage();
  const match = language.grammar.match(text, rule);
  if (match.failed()) throw malformed(text, match.shortMessage ?? 'it cannot be read');
  try {
    return language.semantics(match)['read']();
  } catch (error) {
    throw malformed(text, messageOf(error));
  }
}

function malformed(text: string, reason: string): RampartError {
  return new RampartError({
    code: 'usage',
    message: `"${text}" does not name a component: ${reason.replace(/\.$/, '')}. Expected the form name(parameter=value, ...), such as fgs(epsilon=0.1) or rad(attack=adam).`,
  });
}

/**
 * Reads one component: `fgs(epsilon=0.1)`, `rad(attack=cg(rule=largest-gain))`.
 * @throws RampartError `usage` that says where the text goes wrong.
 */
export function parseComponent(text: string): ComponentSpec {
  return read(text, 'One') as ComponentSpec;
}

/** Reads components parted by commas: `fgs(epsilon=0.1),cg,adam`. */
export function parseComponents(text: string): ComponentSpec[] {
  return read(text, 'Many') as ComponentSpec[];
}

/**
 * The text that `parseComponent` reads back as the same component; a component among its parameters that has none
 * itself is read back as its name. A quote inside a quoted string is doubled.
 */
export function formatComponent(spec: ComponentSpec): string {
  const params = Object.entries(spec.params).map(([key, value]) => `${key}=${formatValue(value)}`);
  return params.length === 0 ? spec.name : `${spec.name}(${params.join(', ')})`;
}

const BARE_NAME = /^[a-z][\w.-]*$/i;

function formatValue(value: ParameterValue): string {
  if (typeof value === 'string') {
    if (BARE_NAME.test(value) && !WORDS.has(value)) return value;
    return value.includes('"') ? `'${value.replaceAll("'", "''")}'` : `"${value}"`;
  }
  if (isList(value)) return `[${value.map(formatValue).join(', ')}]`;
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'object' && value !== null ? formatComponent(value) : String(value);
}

function isList(value: ParameterValue): value is readonly ParameterValue[] {
  return Array.isArray(value);
}

const specSchema: z.ZodType<ComponentSpec> = z.object({
  name: z.string(),
  params: z.record(
    z.string(),
    z.custom<ParameterValue>(() => true),
  ),
});

/** The schema of a parameter that is itself a component of a kind: its text or its parsed form. */
export function componentParameter(kind: string) {
  return parsedComponent.meta({ component: kind });
}

const parsedComponent = z.union([
  z.string().transform((text, context): ComponentSpec => {
    try {
      return parseComponent(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
      return z.NEVER;
    }
  }),
  specSchema,
]);
