import { RampartError } from '@rampart/core';

import { train, type TrainOptions } from './train';

/** Rates that are tried, and in how many steps. */
const LOWEST = 1e-6;
const HIGHEST = 1;
const STEPS = 120;

/** How much of the mean loss stays at a step; the losses of single batches are noisy. */
const SMOOTHING = 0.9;

/** Steps over which the slope of the mean loss is taken. */
const WINDOW = 6;

/** Training has left its course where the mean loss is this many times the lowest. */
const LOST = 3;

/** One step of the test. */
export interface RangePoint {
  readonly rate: number;
  /** The mean loss up to there, later steps weighing more. */
  readonly loss: number;
}

/**
 * A learning-rate range test (Smith 2017, section 3.3): trains for some steps while the rate grows from 1e-6 to 1, until
 * the loss leaves its course. The rate that it finds is that at which the mean loss falls most steeply.
 * @throws RampartError `contract` where the loss falls at no rate
 */
export async function learningRateRange(
  options: Omit<TrainOptions, 'schedule' | 'onStep' | 'onEpoch' | 'averaging' | 'epochs'>,
): Promise<{ readonly rate: number; readonly points: readonly RangePoint[] }> {
  const points: RangePoint[] = [];
  const rateOf = (step: number): number => LOWEST * (HIGHEST / LOWEST) ** (step / (STEPS - 1));
  let mean = 0;
  let lowest = Infinity;
  await train({
    ...options,
    optimiser: { ...options.optimiser, learningRate: 1 },
    epochs: Math.ceil((STEPS * options.batchSize) / options.data.count),
    replays: 1,
    warmUp: 0,
    schedule: rateOf,
    onStep(step, loss) {
      mean = SMOOTHING * mean + (1 - SMOOTHING) * loss;
      const point = { rate: rateOf(step), loss: mean / (1 - SMOOTHING ** (step + 1)) };
      if (!Number.isFinite(loss)) return 'stop';
      points.push(point);
      lowest = Math.min(lowest, point.loss);
      return point.loss > LOST * lowest || step + 1 === STEPS ? 'stop' : 'go on';
    },
  });
  let steepest = { fall: 0, rate: 0 };
  for (let step = WINDOW; step < points.length; step++) {
    const fall = points[step - WINDOW]!.loss - points[step]!.loss;
    if (fall > steepest.fall) steepest = { fall, rate: points[step]!.rate };
  }
  if (steepest.fall > 0) return { rate: steepest.rate, points };
  throw new RampartError({
    code: 'contract',
    message: `The learning-rate range test found no rate from ${LOWEST} to ${HIGHEST} at which the loss falls. Give the learning rate as a number, and look whether labels and images fit each other.`,
  });
}
