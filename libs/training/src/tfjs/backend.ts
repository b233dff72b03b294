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

/** Why tfjs-node cannot be used here; undefined when it looks as if it can. */
export function nativeProblem(): string | undefined {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 23) return `tfjs-node does not load on Node ${process.versions.node}; it needs Node 22 or older`;
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

async function wasmBackend(): Promise<TfjsBackend> {
  tf.env().set('PROD', true);
  await import('@tensorflow/tfjs-backend-wasm');
  registerMissingKernels();
  await tf.setBackend('wasm');
  await tf.ready();
  return { kind: 'wasm', name: 'wasm' };
}
