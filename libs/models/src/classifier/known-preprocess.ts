import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { pixelBox } from '@rampart/core';

import type { Preprocess } from './preprocess';

/** What is known of a model's preprocessing, and where from. */
export interface KnownPreprocess {
  readonly preprocess: Preprocess;
  /** `preprocessor_config.json`, or what the file's own entries are called. */
  readonly from: string;
}

/**
 * The preprocessing that a model's makers wrote down: in the file's own entries for images, as ONNX defines them, or
 * beside it in transformers' `preprocessor_config.json` or timm's `config.json`. Undefined where there is none that can
 * be read.
 * @see https://github.com/onnx/onnx/blob/main/docs/MetadataProps.md
 */
export function knownPreprocess(path: string, metadata: ReadonlyMap<string, string>): KnownPreprocess | undefined {
  const own = fromEntries(metadata);
  if (own) return { preprocess: own, from: "the file's entries Image.*" };
  for (const [name, read] of BESIDE) {
    const preprocess = readBeside(join(dirname(path), name), read);
    if (preprocess) return { preprocess, from: name };
  }
  return undefined;
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  NominalRange_0_255: [0, 255],
  Normalized_0_1: [0, 1],
  Normalized_1_1: [-1, 1],
  NominalRange_16_235: [16, 235],
};

function fromEntries(metadata: ReadonlyMap<string, string>): Preprocess | undefined {
  const range = RANGES[metadata.get('Image.NominalPixelRange') ?? ''];
  if (!range) return undefined;
  const blueFirst = /^bgr/i.test(metadata.get('Image.BitmapPixelFormat') ?? '');
  return { range: pixelBox(...range), ...(blueFirst && { order: 'bgr' as const }) };
}

type Json = Readonly<Record<string, unknown>>;

/** Files beside a model, and what each says. */
const BESIDE: readonly (readonly [string, (config: Json) => Preprocess | undefined])[] = [
  ['preprocessor_config.json', fromTransformers],
  ['config.json', fromTimm],
];

function readBeside(path: string, read: (config: Json) => Preprocess | undefined): Preprocess | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const config: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof config === 'object' && config !== null ? read(config as Json) : undefined;
  } catch {
    // Somebody else's file that has the same name.
    return undefined;
  }
}

/** transformers: bytes times a factor, then mean and standard deviation, each unless it is switched off. */
function fromTransformers(config: Json): Preprocess | undefined {
  const [mean, std] = [numbers(config['image_mean']), numbers(config['image_std'])];
  const rescales = config['do_rescale'] !== false;
  const normalises = config['do_normalize'] !== false && mean !== undefined && std !== undefined;
  if (mean === undefined && config['rescale_factor'] === undefined && config['do_rescale'] === undefined)
    return undefined;
  const factor = typeof config['rescale_factor'] === 'number' ? config['rescale_factor'] : 1 / 255;
  const high = rescales ? 255 * factor : 255;
  const range = config['rescale_offset'] === true ? pixelBox(-1, rounded(high - 1)) : pixelBox(0, rounded(high));
  return { range, ...(normalises && { mean, std }) };
}

/** timm: bytes to [0, 1], then mean and standard deviation. */
function fromTimm(config: Json): Preprocess | undefined {
  const inner = config['pretrained_cfg'];
  if (typeof inner !== 'object' || inner === null) return undefined;
  const [mean, std] = [numbers((inner as Json)['mean']), numbers((inner as Json)['std'])];
  return mean && std && { range: pixelBox(0, 1), mean, std };
}

function numbers(value: unknown): readonly number[] | undefined {
  const isList = Array.isArray(value) && value.length > 0 && value.every((one) => Number.isFinite(one));
  return isList ? (value as number[]) : undefined;
}

/** 255 times what JSON has of 1/255 is 1. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
