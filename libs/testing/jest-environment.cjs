const { TestEnvironment } = require('jest-environment-node');

const HOST_CLASSES = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Float32Array',
  'Float64Array',
  'Int8Array',
  'Int16Array',
  'Int32Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Uint16Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
];

/**
 * Jest runs each spec in a realm of its own, whose typed arrays are not the ones that native modules
 * know: ONNX Runtime refuses them. This environment hands the host's classes in.
 */
module.exports = class RampartEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const name of HOST_CLASSES) this.global[name] = globalThis[name];
  }
};
