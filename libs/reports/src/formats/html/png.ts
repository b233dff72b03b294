import type { Picture } from '../../report/pictures';
import { PNG } from 'pngjs';

/** The colour of a pixel, each part from 0 to 255. */
type Rgb = readonly [red: number, green: number, blue: number];

const WHITE: Rgb = [255, 255, 255];
/** Blue and orange stay apart for every kind of colour blindness. */
const LOWER: Rgb = [0, 84, 166];
const HIGHER: Rgb = [200, 80, 0];

/** An image as a data URI. */
export function imageUri(picture: Picture, which: 'original' | 'adversarial'): string {
  const bytes = Buffer.from(picture[which], 'base64');
  const area = picture.height * picture.width;
  return pngUri(picture, (pixel) => {
    const at = (channel: number) => bytes[Math.min(channel, picture.channels - 1) * area + pixel]!;
    return [at(0), at(1), at(2)];
  });
}

/** What an attack changed, amplified so that the largest change has the full colour: blue darker, orange brighter. */
export function perturbationUri(picture: Picture): string {
  const bytes = Buffer.from(picture.perturbation, 'base64');
  return pngUri(picture, (pixel) => {
    const share = bytes.readInt8(pixel) / 127;
    const end = share < 0 ? LOWER : HIGHER;
    const mixed = (part: 0 | 1 | 2) => Math.round(WHITE[part] + (end[part] - WHITE[part]) * Math.abs(share));
    return [mixed(0), mixed(1), mixed(2)];
  });
}

function pngUri({ width, height }: Picture, colour: (pixel: number) => Rgb): string {
  const png = new PNG({ width, height });
  for (let pixel = 0; pixel < width * height; pixel++) png.data.set([...colour(pixel), 255], pixel * 4);
  return `data:image/png;base64,${PNG.sync.write(png, { colorType: 2 }).toString('base64')}`;
}
