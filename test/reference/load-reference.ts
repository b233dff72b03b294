import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { attacks } from '@rampart/attacks';
import {
  evade,
  type Evasion,
  type ImageBatch,
  imageBatch,
  NORMS,
  type NormName,
  parseComponent,
  pixelBox,
  Rng,
} from '@rampart/core';
import { type DifferentiableOnnxClassifier, openClassifier } from '@rampart/models';
import { decodeNpy } from '@rampart/results';

/** What is known of one model: see README.md. */
export interface Reference {
  readonly images: string;
  readonly count: number;
  readonly norm: NormName;
  readonly epsilon: number;
  readonly robust: readonly number[];
  readonly components: Readonly<Record<string, number>>;
  readonly pgd40?: Readonly<Record<string, number>>;
  readonly nearest?: Readonly<Record<NormName, readonly (number | null)[]>>;
  readonly l1?: {
    readonly epsilon: number;
    readonly count: number;
    readonly robust: readonly number[];
    readonly components: Readonly<Record<string, number>>;
  };
}

const read = (file: string) => readFileSync(join(__dirname, file));

export const references = JSON.parse(read('reference.json').toString()) as Readonly<Record<string, Reference>>;

/** A model with its images, ready to be attacked. */
export interface Subject {
  readonly classifier: DifferentiableOnnxClassifier;
  readonly images: ImageBatch;
  readonly labels: Int32Array;
  /** Runs an attack on the first images, all of them where nothing is said; seed 1 where nothing is said. */
  attack(text: string, count?: number, seed?: number): Promise<Evasion>;
}

export async function openReference(name: string): Promise<Subject> {
  const { images: file, count } = references[name]!;
  const box = pixelBox(0, 1);
  const classifier = await openClassifier(read(`${name}.onnx`), { box });
  const pixels = decodeNpy(read(`${file}-images.npy`)).data as Uint8Array;
  const size = pixels.length / decodeNpy(read(`${file}-labels.npy`)).data.length;
  const images = imageBatch(
    Float32Array.from(pixels.subarray(0, count * size), (value) => value / 255),
    classifier.shape,
    box,
  );
  const labels = Int32Array.from(decodeNpy(read(`${file}-labels.npy`)).data as Uint8Array).subarray(0, count);
  return {
    classifier,
    images,
    labels,
    attack: (text, first = count, seed = 1) =>
      evade({
        attack: attacks.resolve(parseComponent(text)),
        classifier,
        verifier: classifier,
        images: imageBatch(images.data.subarray(0, first * size), classifier.shape, box),
        labels: labels.subarray(0, first),
        rng: Rng.root(seed).split('attack'),
      }),
  };
}

/** How far each example is from its image; Infinity where there is none, 0 where the image is misclassified as it is. */
export function distancesOf({ adversarial, evaded }: Evasion, { images }: Subject, norm: NormName): number[] {
  const size = images.data.length / images.count;
  return Array.from(evaded, (one, i) =>
    one === 1 ? NORMS[norm].distance(adversarial.data, images.data, i * size, size) : Infinity,
  );
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
