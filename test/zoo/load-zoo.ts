import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { decodeNpy, npyNumbers } from '@rampart/core';

/** A network of the zoo, as zoo.json describes it. */
export interface Network {
  readonly name: string;
  readonly family: 'vision' | 'text' | 'sound' | 'tables' | 'operators';
  /** What it was made with. */
  readonly source: string;
  readonly exporter: string;
  readonly opset: number;
  /** `zero` for one that changes in steps only, `straight-through` for one that is differentiated through its steps. */
  readonly gradient?: 'zero' | 'straight-through';
  /** The value that is attacked instead of the input. */
  readonly attackAt?: string;
  /** What the numbers of the inputs are counted in; 1 where nothing is said. */
  readonly unit?: number;
  /** The output that holds the classes, where there are several. */
  readonly output?: string;
}

/** Inputs, labels, and the gradient of the summed cross-entropy that was computed in float64. */
export interface Example {
  readonly shape: readonly number[];
  readonly input: Float32Array;
  readonly labels: Int32Array;
  readonly gradient: Float32Array | undefined;
}

const MODELS = join(__dirname, 'models');

export const networks = (
  JSON.parse(readFileSync(join(__dirname, 'zoo.json'), 'utf8')) as { networks: readonly Network[] }
).networks;

/** The bytes of a network's ONNX file. */
export function fileOf({ name }: Network): Uint8Array {
  return readFileSync(join(MODELS, `${name}.onnx`));
}

export function exampleOf(network: Network): Example {
  const array = (suffix: string) => {
    const file = `${network.name}.${suffix}.npy`;
    const read = decodeNpy(readFileSync(join(MODELS, file)), file);
    return { shape: read.shape, data: npyNumbers(read) };
  };
  const input = array('x');
  const { unit = 1 } = network;
  return {
    shape: input.shape,
    input: Float32Array.from(input.data, (value) => value * unit),
    labels: Int32Array.from(array('y').data),
    gradient: network.gradient === 'zero' ? undefined : Float32Array.from(array('g').data),
  };
}
