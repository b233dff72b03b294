import {
  type AttackLoss,
  type Classifier,
  type DeviceLog,
  type DifferentiableClassifier,
  type ImageShape,
  imageBatch,
  type LossGradient,
  type PixelBox,
  RampartError,
} from '@rampart/core';
import { float32Tensor, type Model, withOutputs } from '@rampart/onnx';

import { type BatchedFeed, BatchedSession, type BatchedSessionOptions } from './batched-session';
import { classMasks } from './class-masks';
import { isStraightThrough } from './gradient-note';
import { type Drawer, withSeeds } from '../inputs/seeds';
import { findLayer, type InnerLayer, layerModel } from './inner-layer';
import { lossAmong } from './loss';
import { type GradientOptions, innerGradient, lossGradient, type LossModel } from './loss-gradient';
import type { OnDevice } from './on-device';
import { OpenedOnce } from './opened-once';
import { type PreparedModel, prepareModel, type PrepareOptions } from './prepare';
import { MOST_ROWS, rowsAtOnce } from './rows-at-once';

export interface ClassifierOptions extends PrepareOptions {
  /** Threads of one operator. Default 1. */
  readonly threads?: number;
  /**
   * Images of one run at most. A model with a batch size of its own runs at that; where nothing is said, as many as are
   * fastest on a processor, 256 at most.
   */
  readonly batchSize?: number;
  /** Where what attacks ask for is computed, and who is told what was found there; the CPU where nothing is said. */
  readonly device?: DeviceLog | undefined;
  /** Whether attacks aim at classes: losses of a model that may reject samples are then others. Default false. */
  readonly aimed?: boolean | undefined;
}

/** An ONNX file as a classifier. */
export interface OnnxClassifier extends Classifier {
  /** What was found out about the file. */
  readonly prepared: PreparedModel;
  /** Gives back the memory of its sessions. */
  dispose(): Promise<void>;
}

/** An ONNX file as a classifier with input gradients. */
export interface DifferentiableOnnxClassifier extends OnnxClassifier, DifferentiableClassifier {}

/**
 * Opens an ONNX file for forward evaluations only: what judges an attack's result. It is always on the CPU.
 * @throws RampartError `bad-model` when it is no classifier of images
 */
export async function openVerifier(file: Uint8Array | Model, options: ClassifierOptions = {}): Promise<OnnxClassifier> {
  return verifierOf(await prepareModel(file, options), { ...options, device: undefined });
}

/**
 * Opens an ONNX file as a classifier with gradients. Forward evaluations and each loss have sessions of their own,
 * since a session computes its whole graph; the losses' and the inner layers' are opened when they are first asked for.
 * @throws RampartError `bad-model` when it is no classifier of images, or, at the first gradient, when an operator has
 *   none
 */
export async function openClassifier(
  file: Uint8Array | Model,
  options: ClassifierOptions = {},
): Promise<DifferentiableOnnxClassifier> {
  return classifierOf(await prepareModel(file, options), options);
}

/** How sessions of a classifier are run. */
export type RunOptions = Pick<ClassifierOptions, 'threads' | 'batchSize' | 'device' | 'aimed'>;

/** A prepared model for forward evaluations only. */
export async function verifierOf(prepared: PreparedModel, options: RunOptions): Promise<OnnxClassifier> {
  return new SessionVerifier(prepared, await forwardOf(prepared, options, 'judge'));
}

/**
 * A prepared model with gradients.
 * @param straightThrough whether steps pass them on as they are; what its metadata say where nothing is said
 */
export async function classifierOf(
  prepared: PreparedModel,
  options: RunOptions,
  straightThrough = isStraightThrough(prepared.model),
): Promise<DifferentiableOnnxClassifier> {
  const forward = await forwardOf(prepared, options, 'attacker');
  const { device, aimed } = options;
  const form = { device, aimed, straightThrough };
  return new SessionClassifier(prepared, forward, { ...sessionOptions(prepared, options), ...form });
}

function forwardOf(prepared: PreparedModel, options: RunOptions, drawer: Drawer): Promise<BatchedSession> {
  const { model, logits, rejection } = prepared;
  const forward = withSeeds(withOutputs(model, [logits, ...(rejection ? [rejection.scores] : [])]), drawer);
  const outputs = ['logits', ...(rejection ? ['scores'] : [])];
  return BatchedSession.open(forward, sessionOptions(prepared, options), onDevice(options, 'logits', outputs));
}

function onDevice(
  { device }: Pick<RunOptions, 'device'>,
  computes: string,
  outputs: readonly string[],
): OnDevice | undefined {
  return device && { log: device, computes, outputs };
}

/** How a session of a prepared model is run. */
export function sessionOptions(
  { batch, types }: PreparedModel,
  { threads, batchSize, device }: RunOptions,
): BatchedSessionOptions {
  // A device is the faster the more it is given at once.
  const largest = batchSize ?? (device ? MOST_ROWS : rowsAtOnce(types));
  return { ...(threads !== undefined && { threads }), fixed: batch, largest };
}

class SessionVerifier implements OnnxClassifier {
  readonly shape: ImageShape;
  readonly box: PixelBox;
  readonly classes: number;
  readonly rejects: boolean;
  readonly scores?: (images: Float32Array) => Promise<Float32Array>;

  constructor(
    readonly prepared: PreparedModel,
    private readonly forward: BatchedSession,
  ) {
    this.shape = prepared.shape;
    this.box = prepared.box;
    this.classes = prepared.classes;
    this.rejects = prepared.rejection !== undefined;
    if (!this.rejects) return;
    this.scores = async (images) => {
      const { feed, count } = this.images(images);
      const [, scores] = await this.forward.run(feed, count);
      return scores!;
    };
  }

  async logits(images: Float32Array): Promise<Float32Array> {
    const { feed, count } = this.images(images);
    const [logits] = await this.forward.run(feed, count);
    return logits!;
  }

  dispose(): Promise<void> {
    return this.forward.dispose();
  }

  /** Images as the model takes them, checked. */
  protected images(images: Float32Array): { readonly feed: Record<string, BatchedFeed>; readonly count: number } {
    const { count } = imageBatch(images, this.shape, this.box);
    const { channels, height, width } = this.shape;
    const feed = { type: 'float32', data: images, dims: [channels, height, width] } as const;
    return { feed: { [this.prepared.input]: feed }, count };
  }
}

interface LossSession extends Pick<LossModel, 'mask' | 'rivalMask'> {
  readonly session: BatchedSession;
}

interface DistanceSession {
  readonly session: BatchedSession;
  /** The input that takes the guides. */
  readonly guides: string;
}

/** Outputs of sessions that differentiate. */
const GRADIENT = ['logits', 'losses', 'gradient'];
const GRADIENT_OF_REJECTING = [...GRADIENT, 'scores'];

class SessionClassifier extends SessionVerifier implements DifferentiableOnnxClassifier {
  private readonly losses = new OpenedOnce<LossSession>();
  private readonly layers = new OpenedOnce<{ readonly session: BatchedSession }>();
  private readonly distances = new OpenedOnce<DistanceSession>();
  private readonly found = new Map<string | undefined, InnerLayer>();

  constructor(
    prepared: PreparedModel,
    forward: BatchedSession,
    private readonly options: BatchedSessionOptions &
      Pick<RunOptions, 'device' | 'aimed'> & { readonly straightThrough: boolean },
  ) {
    super(prepared, forward);
  }

  async lossGradient(
    images: Float32Array,
    labels: Int32Array,
    loss: AttackLoss,
    rivals?: Int32Array,
  ): Promise<LossGradient> {
    const { feed, count } = this.images(images);
    const { classes } = this;
    // Losses that are the same among few classes share a session.
    const { session, ...masks } = await this.losses.get(lossAmong(classes, loss), async (kind) => {
      const { model, ...inputs } = await lossGradientModel(this.prepared, kind, this.form());
      return { session: await this.open(model, kind, this.answers()), ...inputs };
    });
    return answer(await session.run({ ...feed, ...classMasks(masks, { labels, rivals, count, classes }) }, count));
  }

  // Functions of their own: who asks takes them off the classifier.
  readonly inner = async (images: Float32Array, layer?: string): Promise<Float32Array> => {
    const { feed, count } = this.images(images);
    const found = this.layer(layer);
    const { session } = await this.layers.get(found.name, async () => ({
      session: await this.open(layerModel(this.prepared, found), `inner ${found.name}`, ['values']),
    }));
    const [values] = await session.run(feed, count);
    return values!;
  };

  readonly innerGradient = async (
    images: Float32Array,
    guides: Float32Array,
    layer?: string,
  ): Promise<LossGradient> => {
    const { feed, count } = this.images(images);
    const found = this.layer(layer);
    if (guides.length !== count * found.size) {
      throw new RampartError({
        code: 'bad-data',
        message: `Expected ${found.size} values of the inner layer "${found.name}" for each of ${count} images. Received ${guides.length} values.`,
      });
    }
    const distance = await this.distances.get(found.name, async () => {
      const { model, ...input } = await innerGradient(this.prepared, found, {
        ...gradientOptions(this.prepared),
        ...this.form(),
      });
      return { session: await this.open(model, `distance ${found.name}`, this.answers()), ...input };
    });
    const rows = { type: 'float32', data: guides, dims: [found.size] } as const;
    return answer(await distance.session.run({ ...feed, [distance.guides]: rows }, count));
  };

  override async dispose(): Promise<void> {
    await super.dispose();
    for (const opened of [this.losses, this.layers, this.distances]) await opened.dispose();
  }

  /** What makes graphs fast was measured on the CPU; a device has forms of its own. */
  private form(): Pick<GradientOptions, 'straightThrough' | 'exact' | 'aimed'> {
    const { device, straightThrough, aimed } = this.options;
    return { straightThrough, exact: device !== undefined, aimed };
  }

  private layer(name: string | undefined): InnerLayer {
    const layer = this.found.get(name) ?? findLayer(this.prepared, name);
    this.found.set(name, layer);
    return layer;
  }

  private answers(): readonly string[] {
    return this.rejects ? GRADIENT_OF_REJECTING : GRADIENT;
  }

  private open(model: Model, computes: string, outputs: readonly string[]): Promise<BatchedSession> {
    const seeded = withSeeds(model, outputs.includes('gradient') ? 'gradients' : 'inner values');
    return BatchedSession.open(seeded, this.options, onDevice(this.options, computes, outputs));
  }
}

function answer([logits, losses, gradient, scores]: readonly Float32Array[]): LossGradient {
  return { logits: logits!, losses: losses!, gradient: gradient!, ...(scores && { scores }) };
}

/** The model whose outputs are the logits, each sample's loss, and its gradient with respect to the images. */
export function lossGradientModel(
  prepared: PreparedModel,
  loss: AttackLoss,
  form: Pick<GradientOptions, 'straightThrough' | 'exact' | 'aimed'> = {},
): Promise<LossModel> {
  return lossGradient(prepared, { loss, ...form, ...gradientOptions(prepared) });
}

function gradientOptions({ batch, input, shape, types }: PreparedModel): GradientOptions {
  const { channels, height, width } = shape;
  const count = batch ?? 2;
  const blank = new Float32Array(count * channels * height * width);
  return { input, types, batch, feeds: { [input]: float32Tensor([count, channels, height, width], blank) } };
}
