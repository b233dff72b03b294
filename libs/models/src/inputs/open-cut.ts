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
  /**
   * From the value to the logits: the model that is attacked. Its other inputs are what samples bring along for it, and
   * which of their labels hold.
   */
  readonly rear: Model;
  /** The input of the rear, bool, that says which labels of each sample hold; undefined where each has one class. */
  readonly holds: string | undefined;
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
  const { holds } = prepared;
  const brought = options.company?.companions.map((companion) => companion.name) ?? [];
  const beside = holds === undefined ? brought : [...brought, holds];
  const points = () => cutPoints(prepared, beside);
  const row = rowOf(prepared, name, points);
  const cut = cutAt(prepared, name, beside);
  if (!cut) {
    throw new RampartError({
      code: 'usage',
      message: `The model cannot be cut at "${name}": it needs its input besides. Cut it at a value that all ways lead through: ${known(points)}.`,
    });
  }
  const session = await BatchedSession.open(asFloats(cut.front, name), sessionOptions(prepared, options));
  const { input, shape, box } = prepared;
  return {
    name,
    shape: sampleShape(row),
    places: prepared.chosen !== undefined,
    rear: cut.rear,
    holds,
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
function rowOf(prepared: PreparedModel, name: string, points: () => readonly string[]): number[] {
  const { types, batch, logits, own } = prepared;
  const value = types.values.get(name);
  if (!value || !own.has(name) || name === logits) throw unknownName('value to cut at', name, points());
  const [count, ...row] = value.dims;
  const sized = count === (batch ?? 'batch') && row.length > 0 && row.every((size) => typeof size === 'number');
  if (sized && value.type.startsWith('float')) return row.map(Number);
  throw new RampartError({
    code: 'usage',
    message: `Expected a value of floating-point numbers, a row a sample, to cut at. Received "${name}", ${value.type}[${value.dims.join(', ')}]. There are ${known(points)}.`,
  });
}

const SHOWN = 8;

function known(points: () => readonly string[]): string {
  const all = points();
  const more = all.length - SHOWN;
  return `${all.slice(0, SHOWN).join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}`;
}

function asFloats(front: Model, name: string): Model {
  const builder = new GraphBuilder({ ...front.graph, outputs: [] });
  builder.output(builder.node('Cast', [name], { to: 1 }));
  return { ...front, graph: builder.build(front.graph.name) };
}
