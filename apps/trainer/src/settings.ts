import { readFileSync } from 'node:fs';

import { messageOf, plainly, RampartError, unknownName } from '@rampart/core';
import { z } from 'zod';

import type { Found } from './configuration';

/** What options are where neither the command line nor the environment says anything. */
const schema = z.strictObject({
  store: z.string().min(1).optional(),
  dataDir: z.string().min(1).optional(),
  workers: z.int().min(1).max(64).optional(),
});

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw refused(file, `${messageOf(error)}`, error);
  }
}

/** The settings of a file. @throws RampartError `usage` where something in it is wrong */
export function readSettings({ file, content = readJson(file) }: Found): z.output<typeof schema> {
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
