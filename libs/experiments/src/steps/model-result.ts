import { parameterCount, readModel } from '@rampart/onnx';

import type { StepContext, StepResult } from './context';
import type { ModelOutput } from './outputs';

/** Stores a model that a step made. */
export async function modelResult(
  model: Uint8Array,
  output: Omit<ModelOutput, 'parameters'>,
  { artifacts }: StepContext,
): Promise<StepResult> {
  const ref = await artifacts.write(model, { name: 'model', extension: 'onnx' });
  const full: ModelOutput = { parameters: parameterCount(readModel(model)), ...output };
  return { output: full, artifacts: [ref] };
}
