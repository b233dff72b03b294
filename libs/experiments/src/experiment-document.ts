import { RampartError } from '@rampart/core';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

/** A YAML file whose mistakes are told by line and field. */
export interface ExperimentDocument {
  /** What stands at a place, as YAML has it. */
  at(path: readonly PropertyKey[]): unknown;
  /** The whole, checked. Throws RampartError `usage` for the first thing that is wrong. */
  read<S extends z.ZodObject>(schema: S): z.output<S>;
  /** An error about a place, to be thrown. */
  fault(path: readonly PropertyKey[], message: string, cause?: unknown): RampartError;
}

/**
 * @param file its name, for errors
 * @throws RampartError `usage` where it is no YAML
 */
export function readDocument(text: string, file: string): ExperimentDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken) {
    throw new RampartError({
      code: 'usage',
      message: `${file}, line ${broken.linePos?.[0].line ?? 1}: not valid YAML: ${broken.message.split('\n')[0]}`,
      cause: broken,
    });
  }
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let depth = path.length; depth > 0; depth--) {
      const node: unknown = document.getIn(path.slice(0, depth), true);
      const range = (node as { range?: readonly number[] } | undefined)?.range;
      if (range) return lines.linePos(range[0]!).line;
    }
    return 1;
  };
  const fault = (path: readonly PropertyKey[], message: string, cause?: unknown): RampartError =>
    new RampartError({
      code: 'usage',
      message: `${file}, line ${lineOf(path)}${path.length > 0 ? `, field "${path.join('.')}"` : ''}: ${message}`,
      cause,
    });
  return {
    fault,
    at: (path) => document.getIn(path),
    read: (schema) => {
      const parsed = schema.safeParse(document.toJS());
      if (parsed.success) return parsed.data;
      const { issues } = parsed.error;
      // A misspelt field is also a missing one: the misspelling is the news.
      const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
      if (issue.code === 'unrecognized_keys') {
        const key = issue.keys[0]!;
        const known = issue.path.length === 0 ? Object.keys(schema.shape) : undefined;
        throw fault([...issue.path, key], `unknown field.${known ? ` Known: ${known.join(', ')}.` : ''}`, parsed.error);
      }
      const value = document.getIn(issue.path);
      const received = typeof value === 'object' || value === undefined ? '' : ` Received: ${String(value)}.`;
      const message = issue.message.replace(', received undefined', '; it is missing');
      throw fault(issue.path, `${message}.${received}`, parsed.error);
    },
  };
}
