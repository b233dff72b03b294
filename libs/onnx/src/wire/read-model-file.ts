import { constants as limits } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve, sep } from 'node:path';

import { isMissingFile, messageOf, RampartError } from '@rampart/core';

import type { Model } from '../graph/ir';
import { readModel } from './read-model';
import type { ExternalData, ExternalLocation } from './tensor-proto';

/** Bytes that this Node can hold in one piece. */
const { MAX_LENGTH } = limits;

/**
 * Reads an ONNX file, with the data that it keeps in files beside it.
 * @throws RampartError `missing` when there is no such file; `bad-data` when it cannot be read; `bad-model` when it is no valid ONNX model, or when
 *   data of it is missing, too short, or outside of the file's folder
 */
export function readModelFile(path: string): Model {
  let bytes: Uint8Array;
  try {
    bytes = readWhole(path);
  } catch (error) {
    const code = isMissingFile(error) ? 'missing' : 'bad-data';
    throw new RampartError({ code, message: `Cannot read "${path}": ${messageOf(error)}.`, cause: error });
  }
  const folder = realpathSync(dirname(path));
  const external: ExternalData = (where, tensor, byteLength) => readExternal(folder, where, tensor, byteLength);
  return readModel(bytes, { external, owned: true });
}

function readWhole(path: string): Uint8Array {
  // A pipe would be waited for.
  const stat = statSync(path);
  if (!stat.isFile()) throw new Error('it is no file');
  if (stat.size > MAX_LENGTH) {
    throw new Error(`it has ${stat.size} bytes, and ${MAX_LENGTH} are the most; keep its weights as external data`);
  }
  const file = openSync(path, 'r');
  try {
    return readBytes(file, 0, stat.size);
  } finally {
    closeSync(file);
  }
}

/** Bytes of one read: a call takes fewer than 2 GiB. */
const CHUNK = 2 ** 30;

/** Bytes of an open file; fewer where it ends before. */
function readBytes(file: number, offset: number, length: number): Uint8Array {
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let done = 0; done < length;) {
    const read = readSync(file, bytes, done, Math.min(length - done, CHUNK), offset + done);
    if (read === 0) return bytes.subarray(0, done);
    done += read;
  }
  return bytes;
}

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
    if (length > MAX_LENGTH) throw refuse(`holds ${length} bytes for it; ${MAX_LENGTH} are the most`);
    const bytes = readBytes(file, where.offset, length);
    if (bytes.length < length) throw refuse('became shorter while it was read');
    return bytes;
  } finally {
    closeSync(file);
  }
}
