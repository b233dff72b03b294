import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { messageOf, plainly, RampartError, unknownName } from '@rampart/core';
import type { Command } from 'commander';
import { z } from 'zod';

const FILE = 'rampart.config.json';

/** What options are where neither the command line nor the environment says anything. */
const schema = z.strictObject({
  store: z.string().min(1).optional(),
  dataDir: z.string().min(1).optional(),
  workers: z.int().min(1).max(64).optional(),
});

/**
 * Gives options the values of `rampart.config.json`, or of the field `rampart` of a package.json, in the current folder
 * or the nearest one above that has either.
 * @throws RampartError `usage` where something in it is wrong
 */
export function configure(program: Command): void {
  const found = findConfiguration(process.cwd());
  if (!found) return;
  const { store, dataDir, workers } = checked(found);
  const values = {
    // A store may be a database.
    ...(store !== undefined && { store: /^\w+:\/\//.test(store) ? store : resolve(dirname(found.file), store) }),
    ...(dataDir !== undefined && { dataDir: resolve(dirname(found.file), dataDir) }),
    ...(workers !== undefined && { workers }),
  };
  for (const command of commandsBelow(program)) {
    for (const option of command.options) {
      const name = option.attributeName();
      if (name in values) command.setOptionValueWithSource(name, values[name as keyof typeof values], 'config');
    }
  }
}

interface Found {
  readonly file: string;
  readonly content: unknown;
}

function findConfiguration(folder: string): Found | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const own = join(at, FILE);
    if (existsSync(own)) return { file: own, content: readJson(own) };
    const manifest = join(at, 'package.json');
    // What else a package.json has, or whether it is one, is not our matter.
    if (existsSync(manifest)) {
      const content = field(manifest);
      if (content !== undefined) return { file: manifest, content };
    }
    if (dirname(at) === at) return undefined;
  }
}

function field(manifest: string): unknown {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { rampart?: unknown } | null)?.rampart;
  } catch {
    return undefined;
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw refused(file, `${messageOf(error)}`, error);
  }
}

function checked({ file, content }: Found): z.output<typeof schema> {
  const parsed = schema.safeParse(content, { error: plainly });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const reason =
    issue.code === 'unrecognized_keys'
      ? unknownName('field', issue.keys[0]!, Object.keys(schema.shape)).message
      : `field "${issue.path.join('.')}": ${issue.message}.`;
  throw refused(file, reason, parsed.error);
}

function refused(file: string, reason: string, cause: unknown): RampartError {
  return new RampartError({ code: 'usage', message: `${file}: ${reason}`, cause });
}

function commandsBelow(command: Command): Command[] {
  return command.commands.flatMap((one) => [one, ...commandsBelow(one)]);
}
