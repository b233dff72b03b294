import { gzipSync } from 'node:zlib';

import { readModel } from './read-model';

const json = Buffer.from('{"weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}');
const length = Buffer.alloc(8);
length.writeBigUInt64LE(BigInt(json.length));

describe('a file of another format', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['gzip', gzipSync(Buffer.alloc(99)), /a gzip archive: unpack it/],
    ['ZIP', Buffer.from('PK\x03\x04 and more'), /a ZIP archive.*torch\.onnx\.export/],
    ['a pickle', Buffer.from('800495100000', 'hex'), /a pickle.*export the model to ONNX/],
    ['HDF5', Buffer.from('\x89HDF\r\n\x1a\n and more', 'latin1'), /an HDF5 file, as Keras saves/],
    ['TensorFlow Lite', Buffer.from('\x1c\0\0\0TFL3 and more', 'latin1'), /a TensorFlow Lite model.*tf2onnx/],
    ['safetensors', Buffer.concat([length, json, Buffer.alloc(16)]), /weights without a network/],
    ['NumPy', Buffer.from('\x93NUMPY\x01\0', 'latin1'), /a NumPy array/],
    ['Git LFS', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n'), /git lfs pull/],
    ['HTML', Buffer.from('<!DOCTYPE html>\n<html>not found</html>'), /a web page, as a download that failed/],
  ])('is called what it is: %s', (_what, bytes, says) => {
    expect(() => readModel(new Uint8Array(bytes))).toThrow(says);
  });
});
