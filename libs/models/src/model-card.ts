import {
  type ComponentSpec,
  formatComponent,
  formatShape,
  type ImageShape,
  parseComponent,
  pixelBox,
  type PixelBox,
  RampartError,
  sampleShape,
} from '@rampart/core';

/** What a model file of ours says about itself, in the metadata entries `rampart.*`. */
export interface ModelCard {
  /** The architecture that built it: `lenet5(conv1=6)`. Undefined where it has none, such as a composed model. */
  readonly architecture: ComponentSpec | undefined;
  readonly shape: ImageShape;
  readonly classes: number;
  readonly box: PixelBox;
}

const ARCHITECTURE = 'rampart.architecture';
const SHAPE = 'rampart.shape';
const CLASSES = 'rampart.classes';
const BOX = 'rampart.box';

/** The metadata entries of a model. */
export function writeCard(card: ModelCard): Map<string, string> {
  const entries = new Map([
    [SHAPE, formatShape(card.shape)],
    [CLASSES, String(card.classes)],
    [BOX, `${card.box.min}..${card.box.max}`],
  ]);
  if (card.architecture) entries.set(ARCHITECTURE, formatComponent(card.architecture));
  return entries;
}

/**
 * The card in a model's metadata; what is missing there is missing here, as in files of other makers.
 * @throws RampartError `bad-model` when an entry is there but cannot be read
 */
export function readCard(metadata: ReadonlyMap<string, string>): Partial<ModelCard> {
  const architecture = metadata.get(ARCHITECTURE);
  const shape = metadata.get(SHAPE);
  const classes = metadata.get(CLASSES);
  const box = metadata.get(BOX);
  return {
    ...(architecture !== undefined && { architecture: parseComponent(architecture) }),
    ...(shape !== undefined && { shape: parseShape(shape) }),
    ...(classes !== undefined && { classes: parseClasses(classes) }),
    ...(box !== undefined && { box: parseBox(box) }),
  };
}

function parseShape(text: string): ImageShape {
  const sizes = text.split('x').map(Number);
  if (!sizes.every((size) => Number.isInteger(size) && size > 0)) throw unreadable(SHAPE, '1x28x28', text);
  return sampleShape(sizes);
}

function parseClasses(text: string): number {
  const classes = Number(text);
  if (!Number.isInteger(classes) || classes < 1) throw unreadable(CLASSES, '2', text);
  return classes;
}

function parseBox(text: string): PixelBox {
  const [min, max] = text.split('..').map(Number);
  if (min === undefined || max === undefined || !(min < max)) throw unreadable(BOX, '-0.5..0.5', text);
  return pixelBox(min, max);
}

function unreadable(key: string, example: string, received: string): RampartError {
  return new RampartError({
    code: 'bad-model',
    message: `The model's metadata entry "${key}" cannot be read. Expected a value such as "${example}". Received: "${received}".`,
  });
}
