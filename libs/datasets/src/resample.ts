/** Pixels of a byte each, rows of pixels of so many channels. */
export interface Raster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** How far a kernel reaches, in pixels of the smaller image, and its weight at a distance. */
interface Kernel {
  readonly support: number;
  weight(distance: number): number;
}

/** The kernels of Pillow, which torchvision resizes with: a triangle, and the cubic of Keys with a = -1/2. */
export const KERNELS = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    weight(x) {
      const d = Math.abs(x);
      if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
      return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
    },
  },
} as const satisfies Readonly<Record<string, Kernel>>;

export type Interpolation = keyof typeof KERNELS;

/** Weights are rounded to multiples of 2^-22, as Pillow does. */
const ONE = 2 ** 22;

/**
 * Resizes as Pillow does, and so torchvision: antialiased, the kernel as wide as the reduction, rows first, then columns,
 * rounded to bytes after each.
 * @see https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters
 */
export function resize(image: Raster, width: number, height: number, interpolation: Interpolation): Raster {
  const kernel = KERNELS[interpolation];
  const rows = alongRows(image, width, kernel);
  return transposed(alongRows(transposed(rows), height, kernel));
}

/** The pixels that a pixel is made of: `weights` of those from `first` on. */
interface Contribution {
  readonly first: number;
  readonly weights: readonly number[];
}

function contributions(from: number, to: number, { support, weight }: Kernel): Contribution[] {
  const scale = from / to;
  const reach = support * Math.max(scale, 1);
  return Array.from({ length: to }, (_, at) => {
    const centre = (at + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(from, Math.trunc(centre + reach + 0.5));
    const weights = Array.from({ length: end - first }, (_, k) =>
      weight((first + k - centre + 0.5) / Math.max(scale, 1)),
    );
    const sum = weights.reduce((total, one) => total + one, 0);
    return { first, weights: weights.map((one) => roundAway((one / sum) * ONE)) };
  });
}

/** To the nearest whole number, halves away from zero. */
function roundAway(value: number): number {
  return Math.trunc(value + (value < 0 ? -0.5 : 0.5));
}

function alongRows(image: Raster, to: number, kernel: Kernel): Raster {
  const { data, width, height, channels } = image;
  if (to === width) return image;
  const made = new Uint8Array(to * height * channels);
  const parts = contributions(width, to, kernel);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < to; x++) {
      const { first, weights } = parts[x]!;
      for (let c = 0; c < channels; c++) {
        let sum = ONE / 2;
        let from = (y * width + first) * channels + c;
        for (let k = 0; k < weights.length; k++, from += channels) sum += data[from]! * weights[k]!;
        made[(y * to + x) * channels + c] = Math.min(255, Math.max(0, Math.floor(sum / ONE)));
      }
    }
  }
  return { data: made, width: to, height, channels };
}

function transposed({ data, width, height, channels }: Raster): Raster {
  const turned = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++)
        turned[(x * height + y) * channels + c] = data[(y * width + x) * channels + c]!;
    }
  }
  return { data: turned, width: height, height: width, channels };
}

/** Resizes so that the shorter side has so many pixels; the longer one is rounded down, as torchvision does. */
export function resizeShorter(image: Raster, size: number, interpolation: Interpolation): Raster {
  const { width, height } = image;
  const longer = Math.max(1, Math.trunc((size * Math.max(width, height)) / Math.min(width, height)));
  return width <= height ? resize(image, size, longer, interpolation) : resize(image, longer, size, interpolation);
}

/** The square in the middle, as torchvision cuts it: what is smaller is padded with zeros. */
export function centreCrop(image: Raster, size: number): Raster {
  const { data, width, height, channels } = image;
  const cropped = new Uint8Array(size * size * channels);
  const [left, top] = [start(width, size), start(height, size)];
  for (let y = Math.max(0, -top); y < size && top + y < height; y++) {
    for (let x = Math.max(0, -left); x < size && left + x < width; x++) {
      for (let c = 0; c < channels; c++) {
        cropped[(y * size + x) * channels + c] = data[((top + y) * width + left + x) * channels + c]!;
      }
    }
  }
  return { data: cropped, width: size, height: size, channels };
}

/** Where a crop begins: halves are rounded to the even number; the padding on the left is rounded down. */
function start(length: number, size: number): number {
  if (length < size) return -Math.floor((size - length) / 2);
  const half = (length - size) / 2;
  const floor = Math.floor(half);
  return half - floor === 0.5 ? floor + (floor % 2) : half;
}
