import { type AttackInstance, defineAttack, type FamilyParams } from '@rampart/core';
import { z } from 'zod';

const params = z.object({
  theta: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe('What a feature is moved by, as a part of the width of the box: 1 takes it to its bound.'),
  direction: z
    .enum(['both', 'up', 'down'])
    .default('both')
    .describe("Where features may be moved; the paper's theta of +1 is `up`, that of -1 `down`."),
  gamma: z.number().positive().max(1).default(0.145).describe('The part of the features that may change at the most.'),
  rivals: z
    .int()
    .positive()
    .default(3)
    .describe('Without a target: classes that are aimed at one after the other, the likeliest first.'),
});

type Options = z.output<typeof params> & FamilyParams;

/**
 * The Jacobian-based saliency map attack (Papernot et al. 2016, algorithms 2 and 3): moves the two features that the
 * map says bring the instance nearest to a class, again and again until it is taken for it.
 *
 * With F the softmax, the Jacobian's rows of the other classes sum up to minus that of the target: the map (equations 8
 * and 9: alpha |beta|) is then the square of alpha, and the best pair are the two features of the largest derivatives.
 * A derivative counts with the change that the bounds leave its feature. In an untargeted problem F is the softmax of
 * the label and one other class.
 */
export const jsma = defineAttack({
  name: 'jsma',
  summary: 'Moves two features at a time, those that a saliency map says matter most for a class.',
  source: 'Papernot, McDaniel, Jha, Fredrikson, Celik, Swami 2016, algorithms 2 and 3; Wiyatno, Xu 2018 (both ways)',
  version: 1,
  family: 'minimum-norm',
  norms: ['l0'],
  params,
  each: (options) => async (instance) => {
    // There is nothing random in it.
    if (instance.run > 0) return;
    const rivals = await instance.rivals();
    for (const rival of rivals.subarray(0, options.rivals)) await moveTowards(instance, rival, options);
  },
});

async function moveTowards(instance: AttackInstance, rival: number, options: Options): Promise<void> {
  const { features, targeted } = instance;
  const most = Math.max(1, Math.floor(options.gamma * features));
  const map = new SaliencyMap(instance, options);
  const { point } = map;
  let changed = 0;
  let before = NaN;
  for (;;) {
    const { margin, gradient } = await instance.gradient(point, targeted ? 'cross-entropy' : 'difference', rival);
    if (margin < 0) {
      // The first of the last two may have been enough.
      if (map.second >= 0) {
        point[map.second] = before;
        await instance.margin(point);
      }
      return;
    }
    const { best } = instance;
    const left = Math.min(most, best.evades ? best.distance - 1 : Infinity) - changed;
    map.choose(gradient);
    if (left <= 0 || map.first < 0) return;
    changed += map.move(map.first);
    if (left === 1) map.second = -1;
    if (map.second < 0) continue;
    before = point[map.second]!;
    changed += map.move(map.second);
  }
}

/** Which two features of a point to move, and where to. */
class SaliencyMap {
  readonly point: Float32Array;
  /** The feature that lowers the loss most, and the next one; -1 where there is none. */
  first = -1;
  second = -1;
  /** Where each feature would be moved to. */
  private readonly goals: Float32Array;

  constructor(
    private readonly instance: AttackInstance,
    private readonly options: Options,
  ) {
    this.point = instance.original.slice();
    this.goals = new Float32Array(instance.features);
  }

  /** @param gradient of a loss that is to be lowered */
  choose(gradient: Float32Array): void {
    const { point, goals } = this;
    const { original, box, bounds } = this.instance;
    const { lower, upper } = bounds;
    const { theta, direction } = this.options;
    const step = theta * (box.max - box.min);
    const up = direction !== 'down';
    const down = direction !== 'up';
    let most = 0;
    let next = 0;
    this.first = this.second = -1;
    for (let k = 0; k < point.length; k++) {
      const slope = gradient[k]!;
      if (slope === 0 || !(slope < 0 ? up : down)) continue;
      const value = point[k]!;
      // What was moved one way is not moved back: the search would go in circles.
      if (slope < 0 ? value < original[k]! : value > original[k]!) continue;
      const goal = slope < 0 ? Math.min(value + step, upper[k]!) : Math.max(value - step, lower[k]!);
      const gain = slope * (value - goal);
      if (!(gain > next)) continue;
      goals[k] = goal;
      if (gain > most) {
        this.second = this.first;
        next = most;
        this.first = k;
        most = gain;
      } else {
        this.second = k;
        next = gain;
      }
    }
  }

  /** Returns how many features differ from the original's more than before. */
  move(feature: number): number {
    const already = this.point[feature] !== this.instance.original[feature];
    this.point[feature] = this.goals[feature]!;
    return already ? 0 : 1;
  }
}
