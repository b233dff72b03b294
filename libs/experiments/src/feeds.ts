import { decodeNpy, isMissingFile, messageOf, RampartError, readWholeFileSync } from '@rampart/core';
import type { HeldInput, HeldInputs } from '@rampart/models';

/**
 * Reads what the inputs of a file that are not attacked are held at: `sr=16000`, `mask=mask.npy`.
 * @throws RampartError `usage` for what cannot be read, `bad-data` for a file that cannot
 */
export function readFeeds(feeds: readonly string[]): HeldInputs {
  return Object.fromEntries(feeds.map(readFeed));
}

function readFeed(text: string): [string, HeldInput] {
  // Names of values may have "=" in them; what they are held at has none but in a file's name.
  const at = text.indexOf('=');
  const [name, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 1 || value === '') {
    throw new RampartError({
      code: 'usage',
      message: `"${text}" does not say what an input is fed. Expected "name=value" or "name=file.npy".`,
    });
  }
  const number = Number(value);
  if (!Number.isNaN(number)) return [name, number];
  if (/^(true|false)$/.test(value)) return [name, Number(value === 'true')];
  if (!value.endsWith('.npy')) {
    throw new RampartError({
      code: 'usage',
      message: `Input "${name}" is fed "${value}". Expected a number, true or false, or an array as .npy.`,
    });
  }
  return [name, readArray(value)];
}

function readArray(path: string): HeldInput {
  try {
    const { shape, data } = decodeNpy(readWholeFileSync(path));
    return { shape, data: Array.from(data as ArrayLike<number | bigint>, Number) };
  } catch (error) {
    const code = isMissingFile(error) ? 'missing' : 'bad-data';
    throw new RampartError({ code, message: `${path} cannot be read: ${messageOf(error)}.`, cause: error });
  }
}
