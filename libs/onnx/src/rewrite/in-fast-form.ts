import type { Model } from '../graph/ir';
import type { ValueTypes } from '../graph/value-types';
import { inPhases } from './phases';
import type { Rewrite } from './rewrites';
import { inWinogradForm } from './winograd/in-winograd-form';

export interface FastFormOptions {
  /** Leaves out what rounds more than the file itself does. */
  readonly exact?: boolean;
  /** Whether weights get other values than they have in the file, as in training: operators of the graph arrange them. */
  readonly weightsChange?: boolean;
  /** Rewrites that are left out, to measure what they gain. */
  readonly without?: readonly Rewrite[];
}

/**
 * A model whose gradient is to be taken, in the form in which both are fastest. Its inputs and outputs are the same, its
 * values up to rounding; what lies in between may have other names, unless it is an output.
 * @param types what probing has told about the model
 */
export function inFastForm(
  model: Model,
  types: ValueTypes,
  { exact = false, weightsChange = false, without = [] }: FastFormOptions = {},
): Model {
  const phased = without.includes('phases') ? model : inPhases(model, types, { weightsChange });
  return exact || without.includes('winograd') ? phased : inWinogradForm(phased, types, { weightsChange });
}
