// The models of the bench, with the instances that they are attacked on, given to both sides.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const load = createRequire(new URL('../../../libs/experiments/package.json', import.meta.url));
const { argmax, pixelBox } = load('@rampart/core');
const { openVerifier } = load('@rampart/models');
const { decodeNpy } = load('@rampart/results');

/** How far logits of the two sides may lie apart, as a part of the largest. */
const TOLERANCE = 1e-3;

/** `network`: the Python side builds it, with random weights, and writes it as an ONNX file. */
const SUBJECTS = {
  'mnist-lenet': { images: 'mnist' },
  'mnist-at': { images: 'mnist' },
  'cifar2-at': { images: 'airplane-cat' },
  resnet18: { images: 'airplane-cat', network: true },
  vit: { images: 'airplane-cat', network: true },
};

/**
 * Gives a model and its first instances, which begin again where there are not enough, to Rampart and, where there is
 * one, to the Python side.
 */
export async function prepare(name, count, { rampart, python, folder }) {
  const { images, network } = SUBJECTS[name];
  const { data, shape } = instances(images, count);
  const dataFile = join(folder, `${name}.f32`);
  writeFileSync(dataFile, data);
  const given = { name, data: dataFile, shape };
  const file = network ? join(folder, `${name}.onnx`) : reference(`${name}.onnx`);
  if (network) await python.ask('create', { ...given, network: name, file });
  else await python?.ask('open', { name, file });

  const bytes = readFileSync(file);
  const verifier = await openVerifier(bytes, { box: pixelBox(0, 1) });
  const logits = await verifier.logits(data);
  await verifier.dispose();
  const { classes } = verifier;
  // Untrained, a network is right by definition.
  const labels = Int32Array.from({ length: count }, (_, i) => argmax(logits, i * classes, classes));
  if (!network) labels.forEach((_, i) => (labels[i] = labelOf(images, i)));

  await rampart.open(name, { bytes, data, labels });
  if (python) checkAlike(name, logits, await python.ask('give', { ...given, labels: [...labels] }));
}

export const isNetwork = (name) => SUBJECTS[name].network === true;

function reference(file) {
  return join(import.meta.dirname, '../../reference', file);
}

const npy = (file) => decodeNpy(readFileSync(reference(file)));

function instances(images, count) {
  const { data, shape } = npy(`${images}-images.npy`);
  const repeated = Float32Array.from(
    { length: (data.length / shape[0]) * count },
    (_, k) => data[k % data.length] / 255,
  );
  const [height, width] = shape.slice(-2);
  return { data: repeated, shape: [count, shape.length > 3 ? shape[1] : 1, height, width] };
}

function labelOf(images, index) {
  const { data } = npy(`${images}-labels.npy`);
  return data[index % data.length];
}

function checkAlike(name, logits, theirs) {
  const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const apart = theirs.reduce((most, value, k) => Math.max(most, Math.abs(value - logits[k])), 0);
  if (theirs.length === logits.length && apart <= TOLERANCE * largest) return;
  throw new Error(
    `PyTorch and ONNX Runtime disagree on ${name}: logits differ by ${apart}, the largest is ${largest}.`,
  );
}
