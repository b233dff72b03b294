import { RampartError } from '@rampart/core';
import type { ArtifactRef, Store } from '@rampart/results';

/** Bytes of an upload at most. */
export const UPLOAD_LIMIT = 256 * 2 ** 20;

/** Field numbers of ONNX's ModelProto as the first byte of a file may have them: ir_version, producer and others. */
const FIRST_BYTES = [0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72];

/**
 * Takes an uploaded model into the store, under its checksum: the name that it came with is not used for anything.
 * What is in it is found out later, in another process.
 * @throws RampartError `bad-data` when it is empty, too large, or cannot be an ONNX file
 */
export async function receiveModel(store: Store, body: AsyncIterable<Uint8Array>): Promise<ArtifactRef> {
  return store.artifacts.writeStream(checkedStart(body), { name: 'model', extension: 'onnx' }, UPLOAD_LIMIT);
}

async function* checkedStart(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let started = false;
  for await (const piece of body) {
    if (!started && piece.byteLength > 0) {
      if (!FIRST_BYTES.includes(piece[0]!)) {
        throw new RampartError({
          code: 'bad-data',
          message: 'This is no ONNX file: it does not begin like one. Export the model as .onnx and drop that file.',
        });
      }
      started = true;
    }
    yield piece;
  }
  if (!started) throw new RampartError({ code: 'bad-data', message: 'The file is empty.' });
}
