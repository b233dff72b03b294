import {
  type AttackDefinition,
  evade,
  imageBatch,
  type NormName,
  NORMS,
  type Parameters,
  pixelBox,
  Registry,
  Rng,
} from '@rampart/core';

import { linearClassifier } from './linear-classifier';

/** How far an example of a linear model is, by an attack and by the closed form. */
export interface LinearDistance {
  /** Classes of the model. */
  readonly classes: number;
  /** Infinity where the attack found none. */
  readonly found: number;
  readonly exact: number;
}

const SHAPE = { channels: 1, height: 5, width: 6 };
const SIZE = 30;
const BOX = pixelBox(0, 1);

/**
 * Runs a minimum-norm attack on linear models of two and three classes, for which the nearest example has a closed form.
 * @param box whether the pixel box keeps features from moving as far as they would
 */
export async function linearDistances(
  definition: AttackDefinition,
  params: Parameters,
  box: 'active' | 'inactive',
): Promise<LinearDistance[]> {
  const attack = new Registry<AttackDefinition>('attack', [definition]).resolve({ name: definition.name, params });
  const threat = definition.threat(attack.params);
  const norm: NormName = threat.norm === 'none' ? 'l2' : threat.norm;
  const distances: LinearDistance[] = [];
  for (let trial = 0; trial < 6; trial++) {
    const rng = Rng.root(`linear ${box}`).split(trial);
    const classes = 2 + (trial % 2);
    const { image, weights, bias, planes } = draw(rng, classes, box === 'active');
    const classifier = linearClassifier({ shape: SHAPE, box: BOX, weights, bias });
    const { evaded, adversarial } = await evade({
      ...{ attack, classifier, verifier: classifier, rng },
      images: imageBatch(image, SHAPE, BOX),
      labels: Int32Array.of(0),
    });
    distances.push({
      classes,
      found: evaded[0] ? NORMS[norm].distance(adversarial.data, image) : Infinity,
      exact: Math.min(...planes.map((plane) => planeDistance(norm, plane))),
    });
  }
  return distances;
}

/** A feature of a hyperplane: how fast it brings the point there, and how far it may move. */
interface Feature {
  readonly weight: number;
  readonly room: number;
}

interface Plane {
  readonly value: number;
  readonly features: readonly Feature[];
}

/** A model, an image of class 0, and the hyperplane of each other class. */
function draw(rng: Rng, classes: number, active: boolean) {
  const image = Float32Array.from({ length: SIZE }, (_, k) =>
    active && k % 3 > 0 ? k % 2 : 0.4 + 0.2 * rng.uniform(),
  );
  const weights = Array.from({ length: classes }, () => Array.from({ length: SIZE }, () => rng.normal()));
  const bias = [0];
  const planes: Plane[] = [];
  for (let j = 1; j < classes; j++) {
    const slopes = weights[0]!.map((w, k) => w - weights[j]![k]!);
    const features = slopes.map((w, k) => ({ weight: Math.abs(w), room: w > 0 ? image[k]! : 1 - image[k]! }));
    const reach = features.reduce((sum, { weight, room }) => sum + weight * room, 0);
    const value = (active ? 0.2 + 0.2 * rng.uniform() : 0.02) * reach;
    bias.push(slopes.reduce((sum, w, k) => sum + w * image[k]!, 0) - value);
    planes.push({ value, features });
  }
  return { image, weights, bias, planes };
}

/** The smallest radius at which a ball, as far as the box leaves it, reaches a hyperplane. */
function planeDistance(norm: NormName, { value, features }: Plane): number {
  if (norm === 'linf') return bisect((radius) => gainOf(features, () => radius) >= value);
  if (norm === 'l2') {
    const level = bisect((t) => gainOf(features, ({ weight }) => t * weight) >= value);
    return Math.hypot(...features.map(({ weight, room }) => Math.min(room, level * weight)));
  }
  if (norm === 'l1')
    return greedy(
      features.toSorted((a, b) => b.weight - a.weight),
      value,
    );
  const gains = features.map(({ weight, room }) => weight * room).sort((a, b) => b - a);
  let sum = 0;
  return 1 + gains.findIndex((gain) => (sum += gain) > value);
}

function gainOf(features: readonly Feature[], move: (feature: Feature) => number): number {
  return features.reduce((sum, feature) => sum + feature.weight * Math.min(feature.room, move(feature)), 0);
}

function greedy(steepest: readonly Feature[], value: number): number {
  let left = value;
  let length = 0;
  for (const { weight, room } of steepest) {
    const move = Math.min(room, left / weight);
    length += move;
    left -= weight * move;
  }
  return length;
}

/** Where a condition that holds from some point on begins to hold. */
function bisect(holds: (t: number) => boolean): number {
  let [low, high] = [0, 1e3];
  for (let k = 0; k < 100; k++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
