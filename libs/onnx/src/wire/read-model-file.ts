import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve, sep } from 'node:path';

import { messageOf, RampartError } from '@rampart/core';

import type { Model } from '../graph/ir';
import { readModel } from './read-model';
import type { ExternalLocation } from './tensor-proto';

/**
 * Reads an ONNX file, with the data that it keeps in files beside it.
 * @throws RampartError `bad-data` when the file cannot be read; `bad-model` when it is no valid ONNX model, or when
 *   data of it is missing, too short, or outside of the file's folder
 */
export function readModelFile(path: string): Model {
  let bytes: Uint8Array;
  try {
    // A pipe would be waited for.
    if (!statSync(path).isFile()) throw new Error('it is no file');
    bytes = readFileSync(path);
  } catch (error) {
    throw new RampartError({ code: 'bad-data', message: `Cannot read "${path}": ${messageOf(error)}`, cause: error });
  }
  const folder = realpathSync(dirname(path));
  return readModel(bytes, (where, tensor, byteLength) => readExternal(folder, where, tensor, byteLength));
}

/** Bytes of one read: a call takes fewer than 2 GiB. */
const CHUNK = 2 ** 30;

function readExternal(folder: string, where: ExternalLocation, tensor: string, byteLength: number): Uint8Array {
  const refuse = (reason: string, cause?: unknown) =>
    new RampartError({
      code: 'bad-model',
      message: `The data of tensor "${tensor}" is in the file "${where.location}", which ${reason}.`,
      cause,
    });
  const inside = (path: string) => path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
  const path = resolve(folder, where.location);
  if (isAbsolute(where.location) || !inside(path)) throw refuse('is outside of the folder of the model');
  let file: number;
  try {
    // A link could lead out of the folder again.
    if (!inside(realpathSync(path))) throw refuse('is outside of the folder of the model');
    // Whoever opens a pipe waits for its other end, unless told not to; Windows has no such pipes.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (error instanceof RampartError) throw error;
    throw refuse('is missing beside the model', error);
  }
  try {
    const stat = fstatSync(file);
    const length = where.length ?? byteLength;
    if (!stat.isFile()) throw refuse('is no file');
    if (length !== byteLength) throw refuse(`holds ${length} bytes for it; its dimensions need ${byteLength}`);
    if (where.offset + length > stat.size) throw refuse(`has ${stat.size} bytes; ${where.offset + length} are needed`);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const read = readSync(file, bytes, done, Math.min(length - done, CHUNK), where.offset + done);
      if (read === 0) throw refuse('became shorter while it was read');
      done += read;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}
