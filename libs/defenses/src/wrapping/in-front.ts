import { type DefenseProblem, type ImageShape, type PixelBox, throwIfCancelled } from '@rampart/core';
import { noteGradient, stack } from '@rampart/models';
import { float32Tensor, GraphBuilder, scalar, writeModel } from '@rampart/onnx';

import { RECONSTRUCTION } from '../autoencoder-defense';

/** What a front is written with. */
export interface FrontContext {
  readonly builder: GraphBuilder;
  readonly shape: ImageShape;
  /** The images, [batch, channels, height, width], scaled from their box to [0, 1]. */
  readonly unit: string;
}

/**
 * An ONNX file that changes images: input and output are [batch, channels, height, width], in their box. Every operator
 * is written in a form that the opsets from 17 on share.
 * @param write appends what is done to an image scaled to [0, 1]; returns the value, again in [0, 1]
 */
export function frontModel(
  { shape, box }: { readonly shape: ImageShape; readonly box: PixelBox },
  write: (context: FrontContext) => string,
): Uint8Array {
  const builder = new GraphBuilder();
  const dims = ['batch', shape.channels, shape.height, shape.width] as const;
  builder.input('input', 'float32', dims);
  const number = (value: number) => builder.constant(scalar(value));
  const range = number(box.max - box.min);
  const unit = builder.node('Div', [builder.node('Sub', ['input', number(box.min)]), range]);
  const changed = write({ builder, shape, unit });
  builder.node(
    'Add',
    [builder.node('Mul', [changed, range]), number(box.min)],
    {},
    {
      outputs: [RECONSTRUCTION],
    },
  );
  builder.output(RECONSTRUCTION, 'float32', dims);
  return writeModel({
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producer: 'rampart',
    metadata: new Map(),
    functions: [],
    graph: builder.build('front'),
  });
}

/** The undefended model behind a front; where that has steps, with the note that gradients pass straight through them. */
export async function inFront(
  { model, train: { images }, signal }: Pick<DefenseProblem, 'model' | 'train' | 'signal'>,
  write: (context: FrontContext) => string,
  { shattered }: { readonly shattered: boolean },
): Promise<Uint8Array> {
  throwIfCancelled(signal);
  const whole = await stack(frontModel(images, write), model);
  return shattered ? noteGradient(whole, 'straight-through') : whole;
}

/** Builds a graph that needs no training. */
export async function asOneStep<T>({ signal, onProgress }: DefenseProblem, build: () => T | Promise<T>): Promise<T> {
  onProgress?.({ done: 0, total: 1, unit: 'graphs' });
  throwIfCancelled(signal);
  const built = await build();
  onProgress?.({ done: 1, total: 1, unit: 'graphs' });
  return built;
}

/** `x` rounded to so many even steps from 0 to 1. */
export function quantised(builder: GraphBuilder, x: string, steps: number): string {
  const count = builder.constant(scalar(steps));
  return builder.node('Div', [builder.node('Round', [builder.node('Mul', [x, count])]), count]);
}

/** `x` kept in [low, high]. */
export function clipped(builder: GraphBuilder, x: string, low: number, high: number): string {
  return builder.node('Clip', [x, builder.constant(scalar(low)), builder.constant(scalar(high))]);
}

/** A constant of float32 with these dimensions. */
export function constant(builder: GraphBuilder, dims: readonly number[], values: ArrayLike<number>): string {
  return builder.constant(float32Tensor(dims, Float32Array.from(values)));
}
