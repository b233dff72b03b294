import { type Device, isRampartError, messageOf, RampartError } from '@rampart/core';
import * as ort from 'onnxruntime-node';

import { missingDevice, providersOf } from '../device/device';
import type { Dimension, ElementType, Model, Tensor, TensorData, ValueInfo } from '../graph/ir';
import { isElementType } from '../wire/element-types';
import { writeModelInParts } from '../wire/write-model';
import { withWeightsBeside } from './weights-beside';

export interface SessionOptions {
  /** Threads that one operator may use; 1 where nothing is said. Two sessions with one each beat one with two. */
  readonly threads?: number;
  /** How far ONNX Runtime rewrites the graph; `all` where nothing is said, and not at all one of over 10,000 nodes. */
  readonly optimisation?: 'none' | 'basic' | 'all';
  /** Where it computes; `cpu` where nothing is said. What another computes is not to be trusted unseen. */
  readonly device?: Device;
  /** Names of nodes that are kept off the device. */
  readonly onCpu?: readonly string[];
}

// What goes wrong is thrown; ONNX Runtime would print it, too.
ort.env.logLevel = 'fatal';

/**
 * A model that is ready to run in ONNX Runtime, on the CPU unless another device is named. `run` computes the whole
 * graph, whichever outputs are asked for, and blocks the thread meanwhile.
 */
export class Session {
  private disposed = false;
  private readonly byName: ReadonlyMap<string, ValueInfo>;

  private constructor(
    private readonly session: ort.InferenceSession,
    readonly inputs: readonly ValueInfo[],
    readonly outputs: readonly ValueInfo[],
  ) {
    this.byName = new Map(outputs.map((output) => [output.name, output]));
  }

  /**
   * @param model a model, or the bytes of an ONNX file
   * @throws RampartError `bad-model` when ONNX Runtime refuses it, `unavailable` where the device is missing
   */
  static async open(model: Model | Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const { graph, weights } = model instanceof Uint8Array ? { graph: model, weights: [] } : writeModelInParts(model);
    const { device = 'cpu', onCpu } = options;
    try {
      const session = await withWeightsBeside(weights, (beside) =>
        ort.InferenceSession.create(graph, {
          ...beside,
          executionProviders: providersOf(device, onCpu),
          intraOpNumThreads: options.threads ?? 1,
          interOpNumThreads: 1,
          executionMode: 'sequential',
          // A pattern of each size of batch would be memory kept beside what the first run took, and saves no time.
          enableMemPattern: false,
          graphOptimizationLevel: levelOf(model, options.optimisation),
          logSeverityLevel: 4,
        }),
      );
      return new Session(session, session.inputMetadata.map(toValueInfo), session.outputMetadata.map(toValueInfo));
    } catch (error) {
      throw (
        missingDevice(device, error) ??
        new RampartError({
          code: 'bad-model',
          message: `ONNX Runtime refuses the model: ${firstLine(error)}`,
          cause: error,
        })
      );
    }
  }

  /**
   * Computes outputs. Typed arrays are handed through without a copy, unless their memory is shared by threads.
   * @param feeds a tensor for every input
   * @param fetches the outputs to return; all tensors where nothing is said
   * @throws RampartError `bad-model` when an input is missing or unknown, or when its type or shape does not fit
   */
  async run(feeds: Readonly<Record<string, Tensor>>, fetches?: readonly string[]): Promise<Record<string, Tensor>> {
    if (this.disposed) throw new RampartError({ code: 'usage', message: 'This session has been disposed of.' });
    const wanted = fetches ?? this.outputs.filter(({ type }) => type !== 'other').map(({ name }) => name);
    for (const name of wanted) {
      const output = this.byName.get(name);
      if (output?.type === 'other') {
        throw new RampartError({
          code: 'bad-model',
          message: `Output "${name}" of the model is no tensor that can be read.`,
        });
      }
      if (!output) {
        throw new RampartError({
          code: 'bad-model',
          message: `The model has no output "${name}". Its outputs: ${this.outputs.map((item) => item.name).join(', ')}.`,
        });
      }
    }
    try {
      const given = this.toFeeds(feeds);
      const how = { logSeverityLevel: 4 } as const;
      // Names are looked for one by one in all that there are; where all are wanted, none are said.
      const all = !fetches && wanted.length === this.outputs.length;
      const results = await (all ? this.session.run(given, how) : this.session.run(given, wanted, how));
      return Object.fromEntries(wanted.map((name) => [name, fromOrt(results[name] as ort.Tensor)]));
    } catch (error) {
      if (isRampartError(error)) throw error;
      throw new RampartError({
        code: 'bad-model',
        message: `ONNX Runtime could not run the model: ${firstLine(error)}`,
        cause: error,
      });
    }
  }

  /** Gives back the session's memory. A second call does nothing. */
  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.session.release();
  }

  private toFeeds(feeds: Readonly<Record<string, Tensor>>): Record<string, ort.Tensor> {
    const tensors: Record<string, ort.Tensor> = {};
    for (const [name, value] of Object.entries(feeds)) {
      const expected = this.inputs.find((input) => input.name === name);
      if (!expected) {
        throw new RampartError({
          code: 'bad-model',
          message: `The model has no input "${name}". Its inputs: ${this.inputs.map((input) => input.name).join(', ')}.`,
        });
      }
      if (!fits(expected, value)) {
        throw new RampartError({
          code: 'bad-model',
          message: `Input "${name}" of the model is ${describeValue(expected)}. Received ${describeValue(value)}.`,
        });
      }
      tensors[name] = new ort.Tensor(value.type as 'float32', ownMemory(value.data) as Float32Array, value.dims);
    }
    const missing = this.inputs.find(({ name }) => !(name in tensors));
    if (missing) {
      throw new RampartError({
        code: 'bad-model',
        message: `The model needs input "${missing.name}", ${describeValue(missing)}. Received: ${Object.keys(feeds).join(', ') || 'nothing'}.`,
      });
    }
    return tensors;
  }
}

/** Rewriting takes ONNX Runtime the square of the nodes: minutes, from here on. */
const TOO_LONG_TO_REWRITE = 10_000;

function levelOf(
  model: Model | Uint8Array,
  wanted: SessionOptions['optimisation'] = 'all',
): NonNullable<ort.InferenceSession.SessionOptions['graphOptimizationLevel']> {
  const long = !(model instanceof Uint8Array) && model.graph.nodes.length > TOO_LONG_TO_REWRITE;
  return long || wanted === 'none' ? 'disabled' : wanted;
}

/** ONNX Runtime takes nothing that lies in memory which threads share. */
function ownMemory(data: TensorData): TensorData {
  return ArrayBuffer.isView(data) && data.buffer instanceof SharedArrayBuffer ? data.slice() : data;
}

function fits(expected: ValueInfo, value: Tensor): boolean {
  if (expected.type !== value.type) return false;
  if (!expected.dims) return true;
  return (
    expected.dims.length === value.dims.length &&
    expected.dims.every((dim, i) => typeof dim !== 'number' || dim === value.dims[i])
  );
}

function describeValue({ type, dims }: { type: string; dims: readonly Dimension[] | undefined }): string {
  return `${type}[${dims ? dims.map((dim) => dim ?? '?').join(', ') : '...'}]`;
}

function toValueInfo(metadata: ort.InferenceSession.ValueMetadata): ValueInfo {
  // The binding ends the process when it is asked for tensors of 4-bit integers.
  if (!metadata.isTensor || !isElementType(metadata.type))
    return { name: metadata.name, type: 'other', dims: undefined };
  // An unknown rank looks like that of a scalar.
  const dims = metadata.shape.length === 0 ? undefined : metadata.shape.map((dim) => (dim === '' ? undefined : dim));
  return { name: metadata.name, type: metadata.type, dims };
}

function fromOrt(value: ort.Tensor): Tensor {
  return { type: value.type as ElementType, dims: value.dims, data: value.data as TensorData };
}

// ONNX Runtime's messages go on with stack traces of its own.
function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0]!.trim();
}
