import type { View, Views } from './engine';

/** A view whose rows lie in several arrays, of whole rows each, one after the other: large ones need not be copied into one. */
export interface PartedView extends Pick<View, 'shape'> {
  readonly parts: readonly Float32Array[];
}

/** Gathers rows into arrays that it keeps: no batch outlives the step that it is made for. */
export class Batcher {
  private readonly buffers: Readonly<Record<string, Float32Array>>;

  constructor(
    private readonly views: Readonly<Record<string, View | PartedView>>,
    batchSize: number,
  ) {
    this.buffers = Object.fromEntries(
      Object.entries(views).map(([name, view]) => [name, new Float32Array(batchSize * rowSize(view))]),
    );
  }

  take(indices: Int32Array): Views {
    const batch: Record<string, View> = {};
    for (const [name, view] of Object.entries(this.views)) {
      const size = rowSize(view);
      const buffer = this.buffers[name]!;
      const parts = partsOf(view);
      for (let i = 0; i < indices.length; i++) {
        let from = indices[i]! * size;
        let part = 0;
        while (from >= parts[part]!.length) from -= parts[part++]!.length;
        buffer.set(parts[part]!.subarray(from, from + size), i * size);
      }
      batch[name] = { data: buffer.subarray(0, indices.length * size), shape: view.shape };
    }
    return batch;
  }
}

/** The arrays that a view's rows lie in. */
export function partsOf(view: View | PartedView): readonly Float32Array[] {
  return 'parts' in view ? view.parts : [view.data];
}

/** Values of one row of a view. */
export function rowSize(view: Pick<View, 'shape'>): number {
  return view.shape.reduce((product, size) => product * size, 1);
}
