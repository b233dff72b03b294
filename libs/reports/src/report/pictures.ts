/** An image as bytes, in base64: 0 is the lower bound of the pixel box, 255 the upper; [channels, height, width]. */
export type PixelText = string;

/** An attacked image to look at. */
export interface Picture {
  readonly kind: 'picture';
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

export interface Box {
  readonly min: number;
  readonly max: number;
}

export interface Size {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Two images as a picture. */
export function pictureOf(size: Size, box: Box, original: Float32Array, adversarial: Float32Array): Picture {
  const area = size.height * size.width;
  const change = new Float64Array(area);
  for (let i = 0; i < original.length; i++) change[i % area]! += (adversarial[i]! - original[i]!) / size.channels;
  const scale = change.reduce((max, one) => Math.max(max, Math.abs(one)), 0);
  const signed = Int8Array.from(change, (one) => (scale === 0 ? 0 : Math.round((one / scale) * 127)));
  return {
    kind: 'picture',
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
