import type { StepTask } from '../executor';

/** A process with ONNX Runtime, the components and a small model. */
const BASE = 400 * 2 ** 20;
/** A model is in memory as a file, as a graph, in sessions forward and backward, and as what training keeps of it. */
const OF_MODEL = 8;
/** Inner values of a batch, of examples that a step reads or writes. */
const OF_EXAMPLES = 4;

/**
 * Bytes that a step takes at most, from the files that it reads: an estimate on the safe side, by which workers are
 * chosen. What a model computes inside is not known before it is opened.
 * @param data bytes of the dataset
 */
export function stepMemory({ inputs }: Pick<StepTask, 'inputs'>, data: number): number {
  const files = inputs.flatMap(({ artifacts }) => artifacts);
  const models = files.filter(({ extension }) => extension === 'onnx');
  const most = Math.max(0, ...models.map(({ bytes }) => bytes));
  const others = files.filter(({ extension }) => extension !== 'onnx').reduce((sum, { bytes }) => sum + bytes, 0);
  return BASE + 2 * data + OF_MODEL * most + OF_EXAMPLES * others;
}
