import { joined } from '@rampart/core';
import { type CheckedSession, type Model, Session, type Tensor } from '@rampart/onnx';

import { type OnDevice, openOnDevice } from './on-device';

/** One input of a model, a row a sample. */
export interface BatchedFeed {
  readonly type: 'float32' | 'bool';
  readonly data: Float32Array | Uint8Array;
  /** Dimensions of one row. */
  readonly dims: readonly number[];
}

export interface BatchedSessionOptions {
  readonly threads?: number;
  /** The one batch size that the model runs at; undefined where it runs at any. */
  readonly fixed: number | undefined;
  /** Rows of one run where the batch size is free. */
  readonly largest: number;
}

/** Runs a model on any number of rows, in batches of a size that it accepts. */
export class BatchedSession {
  private constructor(
    private readonly session: Session | CheckedSession,
    private readonly outputs: readonly string[],
    private readonly options: BatchedSessionOptions,
  ) {}

  /** @param on the device that it computes on, compared with the CPU; the CPU where nothing is said */
  static async open(model: Model, options: BatchedSessionOptions, on?: OnDevice): Promise<BatchedSession> {
    const threads = options.threads === undefined ? {} : { threads: options.threads };
    const outputs = model.graph.outputs.map(({ name }) => name);
    const session = on ? await openOnDevice(model, on, threads) : await Session.open(model, threads);
    return new BatchedSession(session, outputs, options);
  }

  /** The model's outputs, in its order, for `count` rows of every feed. */
  async run(feeds: Readonly<Record<string, BatchedFeed>>, count: number): Promise<Float32Array[]> {
    const { fixed, largest } = this.options;
    if (count > 0 && count <= largest && (fixed === undefined || fixed === count)) {
      return this.runOnce(slice(feeds, 0, count, count));
    }
    const results: Float32Array[][] = [];
    // Equal parts, or the last could be a few rows, which take longer each.
    const size = fixed ?? Math.ceil(count / Math.ceil(count / largest));
    for (let start = 0; start < count; start += size) {
      const rows = Math.min(size, count - start);
      const outputs = await this.runOnce(slice(feeds, start, rows, fixed ?? rows));
      results.push(outputs.map((output) => output.subarray(0, (output.length / (fixed ?? rows)) * rows)));
    }
    return this.outputs.map((_, index) => joined(results.map((outputs) => outputs[index]!)));
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  private async runOnce(feeds: Record<string, Tensor>): Promise<Float32Array[]> {
    const result = await this.session.run(feeds, this.outputs);
    return this.outputs.map((name) => result[name]!.data as Float32Array);
  }
}

/** Rows `start` .. `start + rows` of every feed, followed by zeros up to `size` rows. */
function slice(
  feeds: Readonly<Record<string, BatchedFeed>>,
  start: number,
  rows: number,
  size: number,
): Record<string, Tensor> {
  const result: Record<string, Tensor> = {};
  for (const [name, { type, data, dims }] of Object.entries(feeds)) {
    const length = dims.reduce((product, dim) => product * dim, 1);
    const part = data.subarray(start * length, (start + rows) * length);
    result[name] = { type, dims: [size, ...dims], data: rows === size ? part : padded(part, size * length) };
  }
  return result;
}

function padded(data: Float32Array | Uint8Array, length: number): Float32Array | Uint8Array {
  const result = data instanceof Float32Array ? new Float32Array(length) : new Uint8Array(length);
  result.set(data);
  return result;
}
