import { RampartError } from '@rampart/core';

import { takeModelFile } from '../model-file';
import type { ImportStep } from '../step';
import type { StepContext, StepResult } from './context';
import { modelResult } from './model-result';

/** Takes an ONNX file into the store, so that the run depends on the file's content and no longer on its place. */
export async function runImport(step: ImportStep, context: StepContext): Promise<StepResult> {
  const { model, checksum, facts } = await takeModelFile(step.params, context.dataset, step);
  if (checksum !== step.checksum) {
    throw new RampartError({
      code: 'bad-model',
      message: `${step.params.path} changed after the run was planned. Run the experiment again.`,
    });
  }
  return modelResult(model, { engine: 'none', curves: [], facts }, context);
}
