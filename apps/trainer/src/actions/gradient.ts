import { writeFile } from 'node:fs/promises';

import { type AttackLoss, isMissingFile, isRampartError, messageOf, RampartError, readWholeFile } from '@rampart/core';
import { gradientOfFile, readFeeds } from '@rampart/experiments';
import { decodeNpy, encodeNpy, type NpyArray } from '@rampart/results';

export interface GradientArguments {
  readonly input: string;
  readonly labels: string;
  readonly loss: AttackLoss;
  readonly out: string;
  readonly output?: string;
  readonly positiveIndex?: number;
  readonly feed?: readonly string[];
  readonly attackAt?: string;
}

/** `rampart gradient`. */
export async function gradient(file: string, options: GradientArguments): Promise<void> {
  const input = await readNpy(options.input);
  if (input.data instanceof Float64Array) {
    throw wrongType(options.input, 'float32 (<f4), or whole numbers', input.data, 'Save it with x.astype("<f4")');
  }
  const data = Float32Array.from(input.data as ArrayLike<number | bigint>, Number);
  const labels = await readLabels(options.labels);
  const { gradient, losses, shape } = await gradientOfFile(file, {
    input: { shape: input.shape, data },
    labels,
    loss: options.loss,
    ...(options.output !== undefined && { output: options.output }),
    ...(options.positiveIndex !== undefined && { positiveIndex: options.positiveIndex }),
    ...(options.feed && { held: readFeeds(options.feed) }),
    ...(options.attackAt !== undefined && { attackAt: options.attackAt }),
  });
  await writeFile(options.out, encodeNpy(gradient, shape));
  const sum = losses.reduce((total, value) => total + value, 0);
  process.stdout.write(
    `${options.out}: gradient of the ${options.loss} summed over ${losses.length} rows (${sum.toPrecision(6)}), float32[${shape.join(', ')}], norm ${Math.hypot(...norms(gradient)).toPrecision(6)}\n`,
  );
}

/** Partial norms, since a call takes only so many arguments. */
function norms(values: Float32Array): number[] {
  const size = 1024;
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
    Math.hypot(...values.subarray(i * size, (i + 1) * size)),
  );
}

async function readNpy(file: string): Promise<NpyArray> {
  let bytes: Uint8Array;
  try {
    bytes = await readWholeFile(file);
  } catch (error) {
    const code = isMissingFile(error) ? 'missing' : 'bad-data';
    throw new RampartError({ code, message: `Cannot read "${file}": ${messageOf(error)}.`, cause: error });
  }
  try {
    return decodeNpy(bytes);
  } catch (error) {
    if (!isRampartError(error)) throw error;
    throw new RampartError({ code: error.code, message: `${file}: ${error.message}`, cause: error });
  }
}

async function readLabels(file: string): Promise<Int32Array> {
  const { shape, data } = await readNpy(file);
  if (data instanceof Float32Array || data instanceof Float64Array) {
    throw wrongType(file, 'whole numbers', data, 'Save it with y.astype("<i8")');
  }
  if (shape.length !== 1) {
    throw new RampartError({
      code: 'bad-data',
      message: `${file}: expected one class index a row, an array of one dimension. Received the shape [${shape.join(', ')}].`,
    });
  }
  return Int32Array.from(data as ArrayLike<number | bigint>, Number);
}

function wrongType(file: string, expected: string, data: object, advice: string): RampartError {
  const received = data.constructor.name.replace(/Array$/, '').toLowerCase();
  return new RampartError({
    code: 'bad-data',
    message: `${file}: expected ${expected}. Received ${received}. ${advice}.`,
  });
}
