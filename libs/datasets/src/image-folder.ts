import { defineDataset, featureCount, type ImageShape, RampartError, throwIfCancelled } from '@rampart/core';
import { z } from 'zod';

import { assembleDataset, type RawSplit, scaleBytes } from './assemble';
import { splitLimit } from './class-choice';
import { decodeImage } from './decode-image';
import { checkFolder, type LabelledFile, labelledFiles } from './labelled-files';
import { chooseNamed, namedClasses } from './own-labels';
import { centreCrop, type Interpolation, type Raster, resizeShorter } from './resample';
import { readUserFile, userPath } from './user-path';

const ENDINGS = ['.png', '.jpg', '.jpeg', '.webp'];

/** How a file becomes an image. */
interface ImageChoice {
  readonly resize: number;
  readonly crop: number;
  readonly interpolation: Interpolation;
  readonly colour: 'rgb' | 'grey';
}

const pixels = (what: string) => z.int().min(0).max(4096).default(0).describe(what);

/** Images of anybody's, as files in folders. */
export const imageFolder = defineDataset({
  name: 'image-folder',
  summary: 'Images of your own as PNG, JPEG or WebP files: a folder for each class, or a CSV of file and label',
  source: 'The layout of torchvision.datasets.ImageFolder; resized and cropped as torchvision does',
  version: 1,
  params: z.object({
    path: z.string().default('').describe('The folder, from the data folder on, which is meant when left out'),
    labels: z
      .string()
      .default('')
      .describe(
        'A CSV in the folder with columns file and label, and split where there are several; for folders of classes left out',
      ),
    resize: pixels('Pixels that the shorter side is resized to, as torchvision does; 0 to leave it'),
    crop: pixels('Pixels of the square that is cut out of the middle; 0 for none'),
    interpolation: z.enum(['bilinear', 'bicubic']).default('bilinear').describe('How images are resized'),
    colour: z.enum(['rgb', 'grey']).default('rgb').describe('Three channels, or one of luminance'),
    ...namedClasses,
    trainLimit: splitLimit('training'),
    testLimit: splitLimit('test'),
  }),
  async load(params, { dataDir, signal }) {
    throwIfCancelled(signal);
    const folder = await checkFolder(userPath('image-folder', params.path, dataDir));
    const { names, labels, train, test } = await labelledFiles(folder, { ...params, endings: ENDINGS }, dataDir);
    const first = await readImage(test[0]!, params);
    const shape = { channels: first.channels, height: first.height, width: first.width };
    const split = (files: readonly LabelledFile[]): RawSplit => ({
      labels: files.map(({ label }) => label),
      async copyImage(index, target, offset) {
        throwIfCancelled(signal);
        const file = files[index]!;
        copyPlanes(sameSize(await readImage(file, params), shape, file), target, offset);
      },
    });
    return assembleDataset(
      { shape, names, labels, ...(train && { train: split(train) }), test: split(test) },
      { ...params, classes: chooseNamed('image-folder', names, params.classes) },
    );
  },
});

async function readImage(
  { path }: LabelledFile,
  { resize, crop, interpolation, colour }: ImageChoice,
): Promise<Raster> {
  const image = await decodeImage(await readUserFile(path), path, colour);
  const resized = resize > 0 ? resizeShorter(image, resize, interpolation) : image;
  return crop > 0 ? centreCrop(resized, crop) : resized;
}

function sameSize(image: Raster, { height, width }: ImageShape, { path }: LabelledFile): Raster {
  if (image.height === height && image.width === width) return image;
  throw new RampartError({
    code: 'bad-data',
    message: `${path}: expected images of one size, ${height} x ${width} as the first one. Received ${image.height} x ${image.width}: set resize and crop, such as resize=256, crop=224.`,
  });
}

/** Channel after channel, scaled to [-0.5, 0.5]. */
function copyPlanes({ data, width, height, channels }: Raster, target: Float32Array, offset: number): void {
  const area = width * height;
  const planes = new Uint8Array(data.length);
  for (let k = 0; k < area; k++) for (let c = 0; c < channels; c++) planes[c * area + k] = data[k * channels + c]!;
  scaleBytes(planes, 0, featureCount({ channels, height, width }), target, offset);
}
