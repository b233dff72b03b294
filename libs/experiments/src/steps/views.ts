import type { DifferentiableClassifier, ModelView, PixelBox } from '@rampart/core';
import { openClassifier } from '@rampart/models';

export async function openView(file: Uint8Array, view: ModelView, options: { box: PixelBox; images: Float32Array }) {
  if (Object.keys(view).length > 0) return undefined;
  return openClassifier(file, { box: options.box }) as Promise<DifferentiableClassifier & { dispose(): Promise<void> }>;
}
