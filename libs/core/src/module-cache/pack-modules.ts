import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { HASH_LENGTH, type PackIndex } from './pack-index';
import { type Place, stampOf } from './place';

/** What is no CommonJS module, or whose text says something else in another place. */
const LEFT_OUT = /^(?:import|export)\b|\bimport\s*\(|\bimport\.meta\b|\bString\.raw\b|^#!/m;

/**
 * Writes modules together.
 * @param requests for each folder, what its modules asked for, and the files that were found
 */
export function packModules(
  place: Place,
  files: Iterable<string>,
  requests: ReadonlyMap<string, ReadonlyMap<string, string>>,
): void {
  const packed: (readonly [string, string])[] = [];
  const functions: string[] = [];
  const places = new Map<string, number>();
  for (const file of files) {
    const stamp = stampOf(file);
    if (stamp === undefined || !file.startsWith(place.root)) continue;
    const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    if (LEFT_OUT.test(text)) continue;
    places.set(file, packed.length);
    packed.push([file, stamp]);
    functions.push(`${JSON.stringify(file)}:function(exports,require,module,__filename,__dirname){${text}\n}`);
  }
  const index: PackIndex = {
    ...{ root: place.root, installed: place.installed },
    files: packed,
    requests: Object.fromEntries(
      [...requests].map(([folder, asked]) => [
        folder,
        Object.fromEntries(
          [...asked].flatMap(([request, file]) => (places.has(file) ? [[request, places.get(file)!]] : [])),
        ),
      ]),
    ),
  };
  const text = latin(`({${functions.join(',\n')}})`);
  const hash = createHash('sha256').update(text, 'latin1').digest('hex').slice(0, HASH_LENGTH);
  mkdirSync(place.folder, { recursive: true, mode: 0o700 });
  // The text is never older than the index: where they do not fit, a stamp is no longer that of its file.
  rmSync(place.index, { force: true });
  remove(place.folder, `${basename(place.text)}.`);
  removeLost(place.folder);
  replace(place.text, Buffer.from(`/*${hash}*/${text}`, 'latin1'));
  replace(place.index, Buffer.from(JSON.stringify(index)));
}

/** Removes what was packed of installations that are gone. */
function removeLost(folder: string): void {
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.json'))) {
    if (!existsSync(rootOf(join(folder, name)))) remove(folder, basename(name, 'on'));
  }
}

/** Whose index it is; nobody's where it is damaged. */
function rootOf(index: string): string {
  try {
    return (JSON.parse(readFileSync(index, 'utf8')) as PackIndex).root;
  } catch {
    return '';
  }
}

function remove(folder: string, beginning: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(beginning)) rmSync(join(folder, name), { force: true });
  }
}

/** Writes a file whole or not at all. */
export function replace(file: string, content: Buffer): void {
  const part = `${file}.${process.pid}`;
  try {
    writeFileSync(part, content, { mode: 0o600 });
    renameSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
}

/** The same text in characters of one byte, which are read the fastest. */
function latin(text: string): string {
  return text.replaceAll(/[\u0100-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
