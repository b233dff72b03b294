import type { LossPaths } from './loss-paths';

/** A point of the loss of an attack: evaluations of the model that an instance has had, and the mean loss then. */
export type LossPoint = readonly [evaluations: number, loss: number];

/** Evaluations after which losses are noted: every one at first, then ever fewer, 64 up to about a million. */
const NOTED = noted();

function noted(): readonly number[] {
  const points = [0];
  while (points.length < 64) {
    const last = points.at(-1)!;
    points.push(Math.max(last + 1, Math.floor(last * 1.25)));
  }
  return points;
}

/**
 * Notes how the loss of a search falls. The loss of an instance is its signed margin, below 0 where it evades: after
 * n evaluations the lowest that was found in the first n + 1 of them (the first is mostly that of the original), and
 * once the search of it has ended, whenever that was, the margin of the example that came of it. So the mean is over
 * all instances everywhere, and depends on neither batch size nor order. Costs a comparison an evaluation.
 */
export class LossTrace {
  private readonly lowest: Float32Array;
  /** Evaluations so far. */
  private readonly evaluations: Int32Array;
  /** Points of NOTED that are reached. */
  private readonly reached: Int32Array;
  /** [instances, points] */
  private readonly losses: Float32Array;

  constructor(private readonly instances: number) {
    this.lowest = new Float32Array(instances).fill(Infinity);
    this.evaluations = new Int32Array(instances);
    this.reached = new Int32Array(instances);
    this.losses = new Float32Array(instances * NOTED.length);
  }

  /** Takes the margins of one evaluation each of these instances, the first of which is number `first` here. */
  note(instances: ArrayLike<number>, margins: Float32Array, first: number): void {
    for (let i = 0; i < margins.length; i++) {
      const instance = first + instances[i]!;
      if (margins[i]! < this.lowest[instance]!) this.lowest[instance] = margins[i]!;
      const point = this.reached[instance]!;
      if (this.evaluations[instance]!++ !== NOTED[point]) continue;
      this.losses[instance * NOTED.length + point] = this.lowest[instance]!;
      this.reached[instance] = point + 1;
    }
  }

  /** The margin of the example that came of an instance. */
  end(instance: number, margin: number): void {
    const row = instance * NOTED.length;
    this.losses.fill(margin, row + this.reached[instance]!, row + NOTED.length);
  }

  /**
   * The means, up to the first point at which every search has ended. Empty where a margin was not finite, as those of
   * a model may be that overflows.
   */
  curve(): LossPoint[] {
    const points = this.places().map((evaluations, point): LossPoint => {
      let sum = 0;
      for (let instance = 0; instance < this.instances; instance++) {
        sum += this.losses[instance * NOTED.length + point]!;
      }
      return [evaluations, sum / this.instances];
    });
    return points.every(([, loss]) => Number.isFinite(loss)) ? points : [];
  }

  /** What the means are of, instance by instance. */
  paths(): LossPaths {
    const evaluations = this.places();
    const width = evaluations.length;
    const losses = new Float32Array(this.instances * width);
    for (let instance = 0; instance < this.instances; instance++) {
      const row = instance * NOTED.length;
      losses.set(this.losses.subarray(row, row + width), instance * width);
    }
    return { evaluations, losses };
  }

  /** Points up to the first at which every search has ended. */
  private places(): readonly number[] {
    return NOTED.slice(0, this.reached.reduce((a, b) => Math.max(a, b), 0) + 1);
  }
}

/**
 * The curve of several sets of instances together, each weighted by their number. A curve that ends before another
 * goes on with its last loss, as all of its searches have ended.
 */
export function meanLoss(
  parts: readonly { readonly instances: number; readonly curve: readonly LossPoint[] }[],
): LossPoint[] {
  const counted = parts.filter(({ curve }) => curve.length > 0);
  const total = counted.reduce((sum, { instances }) => sum + instances, 0);
  const places = [...new Set(counted.flatMap(({ curve }) => curve.map(([evaluations]) => evaluations)))];
  return places
    .sort((a, b) => a - b)
    .map((place): LossPoint => {
      const sum = counted.reduce((all, { instances, curve }) => all + instances * lossAt(curve, place), 0);
      return [place, sum / total];
    });
}

function lossAt(curve: readonly LossPoint[], place: number): number {
  const known = curve.findLast(([evaluations]) => evaluations <= place);
  return (known ?? curve[0]!)[1];
}
