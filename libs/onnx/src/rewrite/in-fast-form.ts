import type { Model } from '../graph/ir';
import type { ValueTypes } from '../graph/value-types';
import { inPhases } from './phases';
import { inWinogradForm } from './winograd/in-winograd-form';

export interface FastFormOptions {
  /** Leaves out what rounds more than the file itself does. */
  readonly exact?: boolean;
}

/**
 * A model whose gradient is to be taken, in the form in which both are fastest. Its inputs and outputs are the same, its
 * values up to rounding; what lies in between may have other names, unless it is an output.
 * @param types what probing has told about the model
 */
export function inFastForm(model: Model, types: ValueTypes, { exact = false }: FastFormOptions = {}): Model {
  const phased = inPhases(model, types);
  return exact ? phased : inWinogradForm(phased, types);
}
