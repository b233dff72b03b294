import { formatComponent, parseComponent, RampartError, type SpsaOptions } from '@rampart/core';
import { type Model, readModel, writeModel } from '@rampart/onnx';

import { heedless, isRejecting } from '../head/rejection';

/**
 * The metadata entry of a model whose gradients are not those of its operators: `spsa(samples=32, radius=0.05)` where
 * they are estimated from queries, `straight-through` where they pass through steps as if there were none.
 */
const GRADIENT = 'rampart.gradient';

const STRAIGHT_THROUGH = 'straight-through';

/** How the gradients of a model are to be made. */
export type GradientNote = SpsaOptions | 'straight-through';

/** What a model's metadata say. @throws RampartError `bad-model` where the entry cannot be read */
export function gradientNote({ metadata }: Pick<Model, 'metadata'>): GradientNote | undefined {
  const text = metadata.get(GRADIENT);
  if (text === undefined || text === STRAIGHT_THROUGH) return text;
  const { name, params } = parseComponent(text);
  const { samples, radius } = params;
  if (name === 'spsa' && typeof samples === 'number' && typeof radius === 'number') return { samples, radius };
  throw new RampartError({
    code: 'bad-model',
    message: `The model's metadata entry "${GRADIENT}" cannot be read. Expected a value such as "spsa(samples=32, radius=0.05)" or "${STRAIGHT_THROUGH}". Received: "${text}".`,
  });
}

/** Whether gradients pass straight through the steps of a model, as its metadata say. */
export function isStraightThrough(model: Pick<Model, 'metadata'>): boolean {
  return model.metadata.get(GRADIENT) === STRAIGHT_THROUGH;
}

/** The same model with a note. */
export function withGradientNote(model: Model, note: GradientNote): Model {
  const text = note === STRAIGHT_THROUGH ? note : formatComponent({ name: 'spsa', params: { ...note } });
  return { ...model, metadata: new Map([...model.metadata, [GRADIENT, text]]) };
}

/** The file without a note: whoever attacks it takes its gradients as they are, and no heed of what it rejects. */
export function withoutGradientNote(file: Uint8Array): Uint8Array {
  const model = readModel(file);
  if (!model.metadata.has(GRADIENT) && !isRejecting(model)) return file;
  const metadata = new Map(heedless(model).metadata);
  metadata.delete(GRADIENT);
  return writeModel({ ...model, metadata });
}

/** The file with a note that attacks on it are to estimate its gradients, or to pass them straight through steps. */
export function noteGradient(file: Uint8Array, note: GradientNote): Uint8Array {
  return writeModel(withGradientNote(readModel(file), note));
}
