import {
  type AttackLoss,
  type Classifier,
  type DifferentiableClassifier,
  type ImageShape,
  imageBatch,
  type LossGradient,
  type PixelBox,
} from '@rampart/core';
import { float32Tensor, type Model, withOutputs } from '@rampart/onnx';

import { BatchedSession, type BatchedSessionOptions } from './batched-session';
import { checkLabels, labelMask } from './loss';
import { lossGradient } from './loss-gradient';
import { type PreparedModel, prepareModel, type PrepareOptions } from './prepare';

export interface ClassifierOptions extends PrepareOptions {
  /** Threads of one operator. Default 1. */
  readonly threads?: number;
  /** Largest number of images in one run. Default 256. A model with a batch size of its own runs at that. */
  readonly batchSize?: number;
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
 * Opens an ONNX file for forward evaluations only: what judges an attack's result.
 * @throws RampartError `bad-model` when it is no classifier of images
 */
export async function openVerifier(file: Uint8Array | Model, options: ClassifierOptions = {}): Promise<OnnxClassifier> {
  return open(file, options);
}

/**
 * Opens an ONNX file as a classifier with gradients. Forward evaluations and each loss have sessions of their own,
 * since a session computes its whole graph; the losses' are opened when they are first asked for.
 * @throws RampartError `bad-model` when it is no classifier of images, or, at the first gradient, when an operator has
 *   none
 */
export async function openClassifier(
  file: Uint8Array | Model,
  options: ClassifierOptions = {},
): Promise<DifferentiableOnnxClassifier> {
  return open(file, options);
}

async function open(file: Uint8Array | Model, options: ClassifierOptions): Promise<SessionClassifier> {
  const prepared = await prepareModel(file, options);
  const sessionOptions: BatchedSessionOptions = {
    ...(options.threads !== undefined && { threads: options.threads }),
    fixed: prepared.batch,
    largest: options.batchSize ?? 256,
  };
  const forward = await BatchedSession.open(withOutputs(prepared.model, [prepared.logits]), sessionOptions);
  return new SessionClassifier(prepared, forward, sessionOptions);
}

interface LossSession {
  readonly session: BatchedSession;
  /** The input that takes the labels. */
  readonly mask: string;
}

class SessionClassifier implements DifferentiableOnnxClassifier {
  readonly shape: ImageShape;
  readonly box: PixelBox;
  readonly classes: number;
  private readonly losses = new Map<AttackLoss, Promise<LossSession>>();

  constructor(
    readonly prepared: PreparedModel,
    private readonly forward: BatchedSession,
    private readonly options: BatchedSessionOptions,
  ) {
    this.shape = prepared.shape;
    this.box = prepared.box;
    this.classes = prepared.classes;
  }

  async logits(images: Float32Array): Promise<Float32Array> {
    const { count } = imageBatch(images, this.shape, this.box);
    const [logits] = await this.forward.run(this.imageFeed(images), count);
    return logits!;
  }

  async lossGradient(images: Float32Array, labels: Int32Array, loss: AttackLoss): Promise<LossGradient> {
    const { count } = imageBatch(images, this.shape, this.box);
    checkLabels(labels, count, this.classes);
    const { session, mask } = await this.lossSession(loss);
    const rows = { type: 'bool', data: labelMask(labels, this.classes), dims: [this.classes] } as const;
    const [logits, losses, gradient] = await session.run({ ...this.imageFeed(images), [mask]: rows }, count);
    return { logits: logits!, losses: losses!, gradient: gradient! };
  }

  async dispose(): Promise<void> {
    await this.forward.dispose();
    for (const opening of this.losses.values()) {
      // A loss that could not be opened has told its caller; there is nothing to give back.
      const opened = await opening.catch(() => undefined);
      await opened?.session.dispose();
    }
  }

  private imageFeed(images: Float32Array) {
    const { channels, height, width } = this.shape;
    return { [this.prepared.input]: { type: 'float32', data: images, dims: [channels, height, width] } } as const;
  }

  private lossSession(loss: AttackLoss): Promise<LossSession> {
    const known = this.losses.get(loss);
    if (known) return known;
    const opening = this.openLoss(loss);
    this.losses.set(loss, opening);
    // What could not be opened needs no disposal.
    opening.catch(() => this.losses.delete(loss));
    return opening;
  }

  private async openLoss(loss: AttackLoss): Promise<LossSession> {
    const { model, mask } = await lossGradientModel(this.prepared, loss);
    return { session: await BatchedSession.open(model, this.options), mask };
  }
}

/** The model whose outputs are the logits, each sample's loss, and its gradient with respect to the images. */
export function lossGradientModel(
  prepared: PreparedModel,
  loss: AttackLoss,
): Promise<{ readonly model: Model; readonly mask: string }> {
  const { batch, input, shape, types } = prepared;
  return lossGradient(prepared, { loss, input, types, batch, feeds: { [input]: blankImages(shape, batch ?? 2) } });
}

function blankImages({ channels, height, width }: ImageShape, count: number) {
  return float32Tensor([count, channels, height, width], new Float32Array(count * channels * height * width));
}
