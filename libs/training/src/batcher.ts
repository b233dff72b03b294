import type { View, Views } from './engine';

/** Gathers rows into arrays that it keeps: no batch outlives the step that it is made for. */
export class Batcher {
  private readonly buffers: Readonly<Record<string, Float32Array>>;

  constructor(
    private readonly views: Views,
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
      for (let i = 0; i < indices.length; i++) {
        const from = indices[i]! * size;
        buffer.set(view.data.subarray(from, from + size), i * size);
      }
      batch[name] = { data: buffer.subarray(0, indices.length * size), shape: view.shape };
    }
    return batch;
  }
}

/** Values of one row of a view. */
export function rowSize(view: View): number {
  return view.shape.reduce((product, size) => product * size, 1);
}
