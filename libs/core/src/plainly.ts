import type { z } from 'zod';

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'fields with values',
};

/** What a schema finds wrong, in the words of whoever wrote the value: `Expected a number above 0`. For `safeParse`. */
export function plainly(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `${issue.input === undefined ? 'It is missing: expected' : 'Expected'} ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `Expected ${anyOf(issue.values.map(String))}`;
    case 'too_small':
      return bounded(issue, issue.minimum, issue.inclusive === false ? 'above' : 'at least');
    case 'too_big':
      return bounded(issue, issue.maximum, issue.inclusive === false ? 'below' : 'at most');
    case 'invalid_union':
      return unionText(issue);
    default:
      return undefined;
  }
}

function bounded({ origin }: { readonly origin: string }, bound: number | bigint, how: string): string {
  const things: Readonly<Record<string, string>> = { string: 'characters', array: 'entries', set: 'entries' };
  const what = things[origin];
  return what === undefined
    ? `Expected ${TYPES[origin] ?? 'a number'} ${how} ${bound}`
    : `Expected ${how} ${bound} ${what}`;
}

/** All that would be taken, or what its most fitting form says of it. */
function unionText({ errors }: { readonly errors: readonly (readonly z.core.$ZodIssue[])[] }): string {
  const found = errors.map(([first]) => first).filter((first) => first !== undefined);
  const own = found.find(({ code }) => code !== 'invalid_type');
  if (own) return own.message;
  const taken = found.map((one) => (one.code === 'invalid_type' ? (TYPES[one.expected] ?? one.expected) : ''));
  return `Expected ${anyOf([...new Set(taken)])}`;
}

/** `a, b or c` */
function anyOf(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;
}
