import type { ArtifactRef, InstanceRecord, StepRecord, Store } from '@rampart/results';

/** An image as bytes, in base64: 0 is the lower bound of the pixel box, 255 the upper; [channels, height, width]. */
export type PixelText = string;

/** An attacked instance to look at. */
export interface Picture {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly original: PixelText;
  readonly adversarial: PixelText;
  /**
   * Adversarial minus original, mean over the channels, as signed bytes in base64: 127 stands for `scale`.
   * [height, width]
   */
  readonly perturbation: string;
  /** The largest absolute mean change of a pixel, in the box's units. */
  readonly scale: number;
}

interface Box {
  readonly min: number;
  readonly max: number;
}

/**
 * The pictures of instances, in their order; undefined where the evaluation's files have none. Each file is opened
 * once, however many of its rows are wanted.
 */
export async function picturesOf(
  store: Pick<Store, 'steps' | 'artifacts'>,
  box: Box,
  instances: readonly Pick<InstanceRecord, 'evaluateStep' | 'position'>[],
): Promise<(Picture | undefined)[]> {
  const steps = await store.steps.findAll([...new Set(instances.map((instance) => instance.evaluateStep))]);
  const result = new Array<Picture | undefined>(instances.length).fill(undefined);
  for (const step of steps) {
    const original = artifact(step, 'originals');
    const adversarial = artifact(step, 'adversarial');
    if (!original || !adversarial) continue;
    const places = instances.flatMap((one, place) => (one.evaluateStep === step.key ? [place] : []));
    const rows = places.map((place) => instances[place]!.position);
    const [before, after] = await Promise.all([
      store.artifacts.readRows(original, rows),
      store.artifacts.readRows(adversarial, rows),
    ]);
    const [, channels = 1, height = 1, width = 1] = before.shape;
    places.forEach((place, index) => {
      result[place] = picture({ channels, height, width }, box, before.rows[index]!, after.rows[index]!);
    });
  }
  return result;
}

function artifact(step: StepRecord, name: string): ArtifactRef | undefined {
  return step.artifacts.find((one) => one.name === name);
}

interface Size {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Two images as a picture. */
function picture(size: Size, box: Box, original: Float32Array, adversarial: Float32Array): Picture {
  const area = size.height * size.width;
  const change = new Float64Array(area);
  for (let i = 0; i < original.length; i++) change[i % area]! += (adversarial[i]! - original[i]!) / size.channels;
  const scale = change.reduce((max, one) => Math.max(max, Math.abs(one)), 0);
  const signed = Int8Array.from(change, (one) => (scale === 0 ? 0 : Math.round((one / scale) * 127)));
  return {
    ...size,
    original: pixels(original, box),
    adversarial: pixels(adversarial, box),
    perturbation: Buffer.from(signed.buffer).toString('base64'),
    scale,
  };
}

function pixels(values: Float32Array, { min, max }: Box): PixelText {
  const bytes = Uint8ClampedArray.from(values, (value) => ((value - min) / (max - min)) * 255);
  return Buffer.from(bytes.buffer).toString('base64');
}
