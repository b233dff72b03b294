import { plainly, RampartError, unknownName } from '@rampart/core';
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

/** What errors call a text: a file, whose lines they name; or a command, whose options its fields were. */
export type TextOrigin =
  | string
  | {
      readonly title: string;
      /** Options by the fields that they became. */
      readonly options: Readonly<Record<string, string>>;
      /** Whether the text is of nobody's making, so that its lines say nothing. */
      readonly made: boolean;
    };

/**
 * @throws RampartError `usage` where it is no YAML
 */
export function readDocument(text: string, origin: TextOrigin): ExperimentDocument {
  const {
    title: file,
    options,
    made,
  } = typeof origin === 'string' ? { title: origin, options: {}, made: false } : origin;
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
  const placeOf = (path: readonly PropertyKey[]): string => {
    const option = (options as Readonly<Record<string, string>>)[String(path[0])];
    if (option !== undefined) return option;
    const field = path.length > 0 ? `, field "${path.join('.')}"` : '';
    return made ? `${file}${field}` : `${file}, line ${lineOf(path)}${field}`;
  };
  const fault = (path: readonly PropertyKey[], message: string, cause?: unknown): RampartError =>
    new RampartError({ code: 'usage', message: `${placeOf(path)}: ${message}`, cause });
  return {
    fault,
    at: (path) => document.getIn(path),
    read: (schema) => {
      const parsed = schema.safeParse(document.toJS(), { error: plainly });
      if (parsed.success) return parsed.data;
      const { issues } = parsed.error;
      // A misspelt field is also a missing one: the misspelling is the news.
      const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
      if (issue.code === 'unrecognized_keys') {
        const key = issue.keys[0]!;
        const known = issue.path.length === 0 ? Object.keys(schema.shape) : undefined;
        const message = known ? unknownName('field', key, known).message : 'unknown field.';
        throw fault([...issue.path, key], message, parsed.error);
      }
      const value = document.getIn(issue.path);
      const received = typeof value === 'object' || value === undefined ? '' : ` Received: ${String(value)}.`;
      throw fault(issue.path, `${issue.message}.${received}`, parsed.error);
    },
  };
}
