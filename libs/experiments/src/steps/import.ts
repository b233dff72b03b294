import { readFile } from 'node:fs/promises';

import { checksum, RampartError } from '@rampart/core';

import type { ImportStep } from '../step';
import type { StepContext, StepResult } from './context';
import { modelResult } from './model-result';

/** Takes an ONNX file into the store, so that the run depends on the file's content and no longer on its place. */
export async function runImport(step: ImportStep, context: StepContext): Promise<StepResult> {
  const bytes = await readFile(step.path);
  if (checksum(bytes) !== step.checksum) {
    throw new RampartError({
      code: 'bad-model',
      message: `${step.path} changed after the run was planned: expected SHA-256 ${step.checksum}. Run the experiment again.`,
    });
  }
  return modelResult(bytes, { engine: 'none', curves: [], facts: { file: step.path } }, context);
}
