import { type Model, readModel } from '@rampart/onnx';

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

/** Elements of all floating-point constants: weights, and what was folded into them. */
function parameterCount(model: Model): number {
  let count = 0;
  for (const { type, dims } of model.graph.initializers.values()) {
    if (type.startsWith('float') || type === 'bfloat16') count += dims.reduce((product, size) => product * size, 1);
  }
  return count;
}
