import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import * as tf from '@tensorflow/tfjs-core';

import { messageOf } from '@rampart/core';

import { registerMissingKernels } from './wasm-kernels';

/** What tfjs runs on: its native library, or WebAssembly. */
export type TfjsBackend =
  { readonly kind: 'native'; readonly name: 'tensorflow' } | { readonly kind: 'wasm'; readonly name: 'wasm' };

const requireHere = createRequire(__filename);

/** Set to `wasm`, this variable of the environment keeps tfjs off its native library. */
const BACKEND_VARIABLE = 'RAMPART_TFJS_BACKEND';

/**
 * What TensorFlow reads from the environment of the process when it is loaded. Errors are all that it is to write. It
 * computes on the thread that calls it, so that the number of workers is the number of threads, and its sums, whose
 * order depends on its threads, are the same for any number of workers.
 */
const TENSORFLOW_SETTINGS = {
  TF_CPP_MIN_LOG_LEVEL: '2',
  TF_NUM_INTRAOP_THREADS: '1',
  TF_NUM_INTEROP_THREADS: '1',
};

/** Why tfjs-node cannot be used here; undefined when it looks as if it can. */
export function nativeProblem(): string | undefined {
  if (process.env[BACKEND_VARIABLE] === 'wasm') return `${BACKEND_VARIABLE}=wasm`;
  let root: string;
  try {
    root = dirname(requireHere.resolve('@tensorflow/tfjs-node/package.json'));
  } catch {
    return 'the package @tensorflow/tfjs-node is not installed';
  }
  const lib = join(root, 'lib');
  const built =
    existsSync(lib) && readdirSync(lib).some((folder) => existsSync(join(lib, folder, 'tfjs_binding.node')));
  return built ? undefined : 'the native library of @tensorflow/tfjs-node is not there: run "npm run setup:tfjs-node"';
}

let ready: Promise<TfjsBackend> | undefined;

/** Sets tfjs's backend once: native where its library loads, else WebAssembly. */
export function tfjsBackend(): Promise<TfjsBackend> {
  ready ??= nativeBackend().then((native) => native ?? wasmBackend());
  return ready;
}

async function nativeBackend(): Promise<TfjsBackend | undefined> {
  if (nativeProblem() !== undefined) return undefined;
  try {
    for (const [name, value] of Object.entries(TENSORFLOW_SETTINGS)) process.env[name] ??= value;
    giveBackIsNullOrUndefined();
    requireHere('@tensorflow/tfjs-node');
    await tf.setBackend('tensorflow');
    await tf.ready();
    return { kind: 'native', name: 'tensorflow' };
  } catch (error) {
    // A library for another system, or one that lacks a system library: WebAssembly always works.
    process.emitWarning(`tfjs-node does not load (${messageOf(error)}); using WebAssembly.`);
    return undefined;
  }
}

/** tfjs-node calls this function of Node's, which Node 22 warns about and later versions lack. */
function giveBackIsNullOrUndefined(): void {
  const module = requireHere('node:util') as { isNullOrUndefined: (value: unknown) => boolean };
  module.isNullOrUndefined = (value) => value === null || value === undefined;
}

async function wasmBackend(): Promise<TfjsBackend> {
  tf.env().set('PROD', true);
  await import('@tensorflow/tfjs-backend-wasm');
  registerMissingKernels();
  await tf.setBackend('wasm');
  await tf.ready();
  return { kind: 'wasm', name: 'wasm' };
}
