import type * as tfLayers from '@tensorflow/tfjs-layers';
import type { z } from 'zod';

import type { ComponentDefinition, ImageShape, PixelBox, Resolved, Rng } from '@rampart/core';

/** tfjs-layers. It takes long to load, and most processes build no model: an architecture loads it when it builds one. */
export type Layers = typeof tfLayers;

/** What an architecture is built for. */
export interface BuildContext {
  /** The shape of one image; the tfjs model takes [batch, height, width, channels]. */
  readonly shape: ImageShape;
  readonly classes: number;
  /** The interval that pixels lie in, and reconstructions must lie in. */
  readonly box: PixelBox;
  /** Seeds every initializer: a model depends on nothing else that is random. */
  readonly rng: Rng;
}

/**
 * An architecture, written with tfjs-layers. Its outputs are the layers named `logits` (one value a class) and
 * `reconstruction` (an image), one or both.
 */
export interface ArchitectureDefinition<P extends z.ZodObject = z.ZodObject> extends ComponentDefinition {
  readonly kind: 'model';
  readonly params: P;
  /** The architectures that it consists of, one in front of the other, with their layers' names and parameters. */
  readonly stackOf?: readonly [front: string, back: string];
  build(params: z.output<P>, context: BuildContext): tfLayers.LayersModel | Promise<tfLayers.LayersModel>;
}

/** An architecture with its parameters. */
export type Architecture = Resolved<ArchitectureDefinition>;

/** Declares an architecture. The name is the name of its file. */
export function defineArchitecture<P extends z.ZodObject>(
  definition: Omit<ArchitectureDefinition<P>, 'kind'>,
): ArchitectureDefinition {
  return { kind: 'model', ...definition } as unknown as ArchitectureDefinition;
}

/** The seed of one initializer, drawn from the generator's child of this name. */
export function seedOf(rng: Rng, name: string): number {
  return rng.split(name).integer(2 ** 31 - 1);
}
