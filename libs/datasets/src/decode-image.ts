import { messageOf, RampartError } from '@rampart/core';

import type { Raster } from './resample';

/** More than any camera's picture has; a damaged head may claim more than there is memory. */
const MOST_PIXELS = 100_000_000;

/**
 * The pixels of a PNG, JPEG or WebP file as red, green and blue, or as luminance. Transparency, colour profiles and the
 * camera's orientation are left out, as Pillow and torchvision do.
 * @param name what messages call it
 * @throws RampartError `bad-data` when it is damaged, cut short or no such file
 */
export async function decodeImage(bytes: Uint8Array, name: string, colour: 'rgb' | 'grey'): Promise<Raster> {
  try {
    // Loaded where it is needed: no other command wants its native library.
    const { default: sharp } = await import('sharp');
    const options = { failOn: 'truncated', limitInputPixels: MOST_PIXELS, ignoreIcc: true } as const;
    const { data, info } = await sharp(bytes, options).toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({
      resolveWithObject: true,
    });
    const { width, height, channels } = info;
    return inColour({ data, width, height, channels }, colour);
  } catch (error) {
    throw new RampartError({
      code: 'bad-data',
      message: `${name}: expected a whole PNG, JPEG or WebP image. Received one that is damaged, cut short or of another format (${messageOf(error).replace(/\s+/g, ' ').slice(0, 200)}).`,
      cause: error,
    });
  }
}

/** Chooses among 1 (grey), 2 (and alpha), 3 (colour) or 4 channels. */
function inColour({ data, width, height, channels }: Raster, colour: 'rgb' | 'grey'): Raster {
  const to = colour === 'rgb' ? 3 : 1;
  const isGrey = channels < 3;
  const made = new Uint8Array(width * height * to);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * channels;
    if (to === 3) for (let c = 0; c < 3; c++) made[pixel * 3 + c] = data[from + (isGrey ? 0 : c)]!;
    else made[pixel] = isGrey ? data[from]! : luminance(data[from]!, data[from + 1]!, data[from + 2]!);
  }
  return { data: made, width, height, channels: to };
}

/** ITU-R 601-2, in whole numbers as Pillow has it. */
function luminance(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
}
