import { type ImageShape, imageBatch, RampartError, sampleShape, unknownName } from '@rampart/core';
import { GraphBuilder, type Model } from '@rampart/onnx';

import { BatchedSession } from '../classifier/batched-session';
import { type ClassifierOptions, sessionOptions } from '../classifier/open-classifier';
import { type PreparedModel, prepareModel } from '../classifier/prepare';
import { cutAt, cutPoints } from './cut';

/** A model that is attacked at an inner value: the part before it computes samples, the part behind it is attacked. */
export interface OpenedCut {
  /** The value's name. */
  readonly name: string;
  /** The shape of one sample of it. */
  readonly shape: ImageShape;
  /** Whether what comes before takes places in a table, such as tokens. */
  readonly places: boolean;
  /** From the value to the logits: the model that is attacked. */
  readonly rear: Model;
  /** The values of images: [count, the value's own axes]. */
  values(images: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * Cuts a model at a value, by its name in the file.
 * @throws RampartError `usage` where there is no such value, or the model needs its input besides; `bad-model` when it is
 *   no classifier
 */
export async function openCut(
  file: Uint8Array | Model,
  name: string,
  options: ClassifierOptions = {},
): Promise<OpenedCut> {
  const prepared = await prepareModel(file, options);
  const row = rowOf(prepared, name);
  const cut = cutAt(prepared, name);
  if (!cut) {
    throw new RampartError({
      code: 'usage',
      message: `The model cannot be cut at "${name}": it needs its input besides. Cut it at a value that all ways lead through: ${known(prepared)}.`,
    });
  }
  const session = await BatchedSession.open(asFloats(cut.front, name), sessionOptions(prepared, options));
  const { input, shape, box } = prepared;
  return {
    name,
    shape: sampleShape(row),
    places: prepared.chosen !== undefined,
    rear: cut.rear,
    async values(images) {
      const { count } = imageBatch(images, shape, box);
      const dims = [shape.channels, shape.height, shape.width];
      const [values] = await session.run({ [input]: { type: 'float32', data: images, dims } }, count);
      return values!;
    },
    dispose: () => session.dispose(),
  };
}

/** The axes of one sample of a value. */
function rowOf(prepared: PreparedModel, name: string): number[] {
  const { types, batch, logits, own } = prepared;
  const value = types.values.get(name);
  if (!value || !own.has(name) || name === logits) throw unknownName('value to cut at', name, cutPoints(prepared));
  const [count, ...row] = value.dims;
  const sized = count === (batch ?? 'batch') && row.length > 0 && row.every((size) => typeof size === 'number');
  if (sized && value.type.startsWith('float')) return row.map(Number);
  throw new RampartError({
    code: 'usage',
    message: `Expected a value of floating-point numbers, a row a sample, to cut at. Received "${name}", ${value.type}[${value.dims.join(', ')}]. There are ${known(prepared)}.`,
  });
}

const SHOWN = 8;

function known(prepared: PreparedModel): string {
  const points = cutPoints(prepared);
  const more = points.length - SHOWN;
  return `${points.slice(0, SHOWN).join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}`;
}

function asFloats(front: Model, name: string): Model {
  const builder = new GraphBuilder({ ...front.graph, outputs: [] });
  builder.output(builder.node('Cast', [name], { to: 1 }));
  return { ...front, graph: builder.build(front.graph.name) };
}
