import { messageOf, isRampartError, RampartError } from '@rampart/core';
import {
  inputGradient,
  type InputGradient,
  type InputGradientOptions,
  inspectModel,
  type InspectOptions,
  type Inspection,
} from '@rampart/models';
import { readModelFile } from '@rampart/onnx';

/** Looks into an ONNX file: see `inspectModel`. @throws RampartError that names the file */
export function inspectFile(path: string, options: InspectOptions = {}): Promise<Inspection> {
  return named(path, async () => inspectModel(readModelFile(path), options));
}

/** The gradient of a loss with respect to what an ONNX file is fed: see `inputGradient`. */
export function gradientOfFile(path: string, options: InputGradientOptions): Promise<InputGradient> {
  return named(path, async () => inputGradient(readModelFile(path), options));
}

/** Does something with a file; what goes wrong names it. */
export async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isRampartError(error) || error.message.includes(path)) throw error;
    throw new RampartError({ code: error.code, message: `${path}: ${messageOf(error)}`, cause: error });
  }
}
