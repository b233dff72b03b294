import type { DeviceLog } from '@rampart/core';
import { type Model, readModel } from '@rampart/onnx';

import type { Step } from '../step';
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

/** What a device was found to do while a step made its model: not on that model, but on the way there. */
export function usedBy({ key, kind }: Step, device: DeviceLog): Pick<ModelOutput, 'device'> {
  const on = kind === 'harden' ? ', while hardening' : '';
  const sessions = device.uses().map((use) => ({ ...use, computes: `${use.computes}${on}` }));
  return { device: { model: key, sessions } };
}

/** Elements of all floating-point constants: weights, and what was folded into them. */
function parameterCount(model: Model): number {
  let count = 0;
  for (const { type, dims } of model.graph.initializers.values()) {
    if (type.startsWith('float') || type === 'bfloat16') count += dims.reduce((product, size) => product * size, 1);
  }
  return count;
}
