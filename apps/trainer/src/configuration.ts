import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import type { Command } from 'commander';

import { placeFrom } from './options';

const FILE = 'rampart.config.json';

/**
 * Gives options the values of `rampart.config.json`, or of the field `rampart` of a package.json, in the current folder
 * or the nearest one above that has either.
 * @throws RampartError `usage` where something in it is wrong
 */
export async function configure(program: Command): Promise<void> {
  const found = findConfiguration(process.cwd());
  if (!found) return;
  const { readSettings } = await import('./settings.js');
  const { store, dataDir, workers } = readSettings(found);
  const values = {
    ...(store !== undefined && { store: placeFrom(dirname(found.file), store) }),
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

/** Where settings are. */
export interface Found {
  readonly file: string;
  /** What a package.json has of them; undefined where all of the file is. */
  readonly content?: unknown;
}

function findConfiguration(folder: string): Found | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const own = join(at, FILE);
    if (existsSync(own)) return { file: own };
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

function commandsBelow(command: Command): Command[] {
  return command.commands.flatMap((one) => [one, ...commandsBelow(one)]);
}
