import { PNG } from 'pngjs';

/** Colour types of a PNG file: one grey value a pixel, or three colours. */
const GREY = 0;
const RGB = 2;

/** Whether instances of such a shape are pictures: one or three channels of more than one line. */
export function isPicture([channels, height = 1]: readonly number[]): boolean {
  return (channels === 1 || channels === 3) && height > 1;
}

/** An 8-bit PNG file with just these values. @param bytes [channels, height, width], one or three channels */
export function pngOf(bytes: Uint8Array, [channels = 1, height = 1, width = 1]: readonly number[]): Uint8Array {
  const colorType = channels === 1 ? GREY : RGB;
  const png = new PNG({ width, height, colorType, inputColorType: colorType, inputHasAlpha: false });
  const area = height * width;
  const pixels = Buffer.alloc(area * channels);
  for (let pixel = 0; pixel < area; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      pixels[pixel * channels + channel] = bytes[channel * area + pixel]!;
    }
  }
  png.data = pixels;
  return PNG.sync.write(png, { colorType, inputColorType: colorType, inputHasAlpha: false });
}
