import { RampartError, unknownName } from '@rampart/core';
import type { ValueTypes } from '@rampart/onnx';

import { rangeOf } from './range';
import { isRanking } from './ranking';
import { type Reading, rowSize } from './reading';

export interface OutputOptions {
  /** The output to take. */
  readonly output?: string | undefined;
  /** How many classes there are to tell apart, where that is known. */
  readonly classes?: number | undefined;
}

const FLOATS = new Set(['float32', 'float64', 'float16']);

/**
 * The output that gives scores of classes: the one asked for; the one named `logits`; of those that have a row of floats
 * a sample, as many as there are classes, the one that the others lead to; else the one that is probabilities.
 * @throws RampartError `bad-model` where none has such rows, or where it is not clear which is meant
 */
export function chooseOutput(reading: Reading, { output: wanted, classes }: OutputOptions): string {
  const names = reading.types.model.graph.outputs.map(({ name }) => name);
  if (wanted !== undefined) {
    if (!names.includes(wanted)) throw unknownName('model output', wanted, names);
    if (isRow(reading, wanted)) return wanted;
    throw noClassifier(reading, [wanted]);
  }
  const rows = names.filter((name) => isRow(reading, name) && !isOfPlaces(reading, reading.type(name)!.dims));
  const fitting = rows.filter((name) => classes === undefined || fits(reading, name, classes));
  const candidates = fitting.length > 0 ? fitting : rows;
  if (candidates.length === 0) throw noClassifier(reading, names);
  if (candidates.includes('logits')) return 'logits';
  const last = candidates.filter(
    (name) => !candidates.some((other) => other !== name && leadsTo(reading, name, other)),
  );
  const [only, ...others] = last.length === 1 ? last : last.filter((name) => isProbability(reading, name));
  if (only !== undefined && others.length === 0) return only;
  throw new RampartError({
    code: 'bad-model',
    message: `Expected one output of class scores. Received several that could be: ${candidates.map((name) => described(reading, name)).join(', ')}. Say which: --output NAME, or output=NAME in an experiment file.`,
  });
}

/** Whether a value has a row of floats a sample: [batch, classes], or with axes of length 1 as a convolution leaves them. */
function isRow(reading: Reading, name: string): boolean {
  const value = reading.type(name);
  if (!value || !FLOATS.has(value.type) || rowSize(value.dims) === undefined || isRanking(reading, name)) return false;
  return value.dims[0] === batchOf(reading.types) && value.dims.slice(1).filter((dim) => dim !== 1).length <= 1;
}

/**
 * Whether a value may have one score for each place of a sequence instead of each class: an axis more than a row needs,
 * and as many scores as a sample is long, [batch, length], or [batch, length, features] in either order, of fewer features.
 */
function isOfPlaces({ types }: Reading, dims: readonly (number | string)[]): boolean {
  const [length, ...others] = dims.slice(1).filter((dim) => dim !== 1);
  if (dims.length !== 3 || typeof length !== 'number' || others.length > 0) return false;
  return types.model.graph.inputs.some(({ name }) => {
    const [batch, ...axes] = types.values.get(name)?.dims ?? [];
    const sample = axes.filter((dim) => dim !== 1).map(Number);
    return (
      batch === batchOf(types) &&
      sample.length <= 2 &&
      sample.includes(length) &&
      sample.filter((dim) => !(dim < length)).length === 1
    );
  });
}

function batchOf({ batch }: ValueTypes): number | string {
  return batch ?? 'batch';
}

function fits(reading: Reading, name: string, classes: number): boolean {
  const size = rowSize(reading.type(name)!.dims);
  return size === classes || (size === 1 && classes === 2);
}

/** Whether one value is computed from another. */
function leadsTo(reading: Reading, from: string, to: string): boolean {
  const seen = new Set<string>();
  const waiting = [to];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const input of reading.producer(name)?.inputs ?? []) {
      if (input === from) return true;
      if (!seen.has(input)) waiting.push(input);
      seen.add(input);
    }
  }
  return false;
}

function isProbability(reading: Reading, name: string): boolean {
  const { low, high } = rangeOf(reading, name);
  return (low >= 0 && high <= 1) || high <= 0;
}

function described(reading: Reading, name: string): string {
  const value = reading.type(name);
  return value ? `${name} ${value.type}[${value.dims.join(', ')}]` : `${name} (no tensor)`;
}

function noClassifier(reading: Reading, names: readonly string[]): RampartError {
  const natures = names.map((name) => `${described(reading, name)}${aside(natureOf(reading, name))}`);
  return new RampartError({
    code: 'bad-model',
    message: `Expected a classifier: an output of floating-point numbers, one row of class scores a sample. Received the outputs ${natures.join(', ')}. ${adviceFor(names.map((name) => natureOf(reading, name)))}`,
  });
}

const aside = (nature: Nature | undefined) => (nature === undefined ? '' : `, ${TEXTS[nature]}`);

type Nature = 'places' | 'labels' | 'ranking' | 'sequence' | 'boxes' | 'candidates' | 'picture' | 'rows';

const TEXTS: Readonly<Record<Nature, string>> = {
  places: 'one score for each place of the sample',
  labels: 'labels',
  ranking: 'the largest scores in the order of their size, whichever classes have them',
  sequence: 'a sequence of scores, as CTC gives them',
  boxes: 'boxes of a detector',
  candidates: 'scores of each of several places or boxes',
  picture: 'a map over the picture, as of a segmenter',
  rows: 'rows that are not one a sample',
};

/** Whether a softmax makes a value: four such numbers are of four classes, and no box. */
function isDistribution(reading: Reading, name: string): boolean {
  return ['Softmax', 'LogSoftmax'].includes(reading.standard(reading.behindMoves(name))?.op ?? '');
}

/** What an output without a row of scores a sample is, by its type and dimensions. */
function natureOf(reading: Reading, name: string): Nature | undefined {
  const value = reading.type(name);
  if (!value) return undefined;
  const { type, dims } = value;
  if (!FLOATS.has(type)) return type === 'string' || type.startsWith('int') ? 'labels' : undefined;
  if (isRanking(reading, name)) return 'ranking';
  if (isOfPlaces(reading, dims)) return 'places';
  const batch = batchOf(reading.types);
  if (dims.length === 3 && dims[1] === batch && dims[0] !== batch) return 'sequence';
  if (dims.length >= 2 && dims.at(-1) === 4 && !isDistribution(reading, name)) return 'boxes';
  if (dims[0] !== batch) return 'rows';
  if (dims.length >= 4) return 'picture';
  return dims.length === 3 ? 'candidates' : undefined;
}

function adviceFor(natures: readonly (Nature | undefined)[]): string {
  if (natures.includes('picture')) return 'Append what makes one row of it, such as the mean over the picture.';
  if (natures.includes('boxes'))
    return 'Append what makes one row of it, such as the largest score of each class over all boxes.';
  if (natures.includes('places')) {
    return 'Append what makes one row of it, such as the scores at one position or their mean; if they are of as many classes, name the output: --output NAME.';
  }
  if (natures.includes('sequence') || natures.includes('candidates')) {
    return 'Append what makes one row of it, such as the scores at one position or their mean.';
  }
  if (natures.every((nature) => nature === 'rows'))
    return 'Export it with an axis of the batch in front, of its input and of its output.';
  return `Export it with the scores of ${natures.includes('ranking') ? 'all ' : ''}its classes as an output.`;
}
