import { RampartError } from '@rampart/core';

/**
 * How the learning rate goes from the first step to the last, as a part of the optimiser's own:
 * - `constant`: as it is
 * - `linear`: down to 0 in a straight line
 * - `cosine`: down to 0 by half a cosine (Loshchilov and Hutter 2017, without restarts)
 * - `one-cycle`: up from 0 over the first two fifths, then down to 0 (Smith 2018, as Wong et al. 2020 use it)
 * - `piecewise`: a tenth after half of the steps, a hundredth after three quarters (Madry et al. 2018)
 */
export const SCHEDULES = ['constant', 'linear', 'cosine', 'one-cycle', 'piecewise'] as const;

export type Schedule = (typeof SCHEDULES)[number];

const PEAK = 0.4;

/** @param progress the part of all steps that is done: 0 at the first one */
export function rateAt(schedule: Schedule, progress: number): number {
  switch (schedule) {
    case 'constant':
      return 1;
    case 'linear':
      return 1 - progress;
    case 'cosine':
      return (1 + Math.cos(Math.PI * progress)) / 2;
    case 'one-cycle':
      return progress < PEAK ? progress / PEAK : (1 - progress) / (1 - PEAK);
    case 'piecewise':
      return progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01;
  }
}

/** How weights are averaged from one step to the next. */
export type Averaging =
  /** An exponential average of this decay, which forgets the initial weights sooner at first. */
  | { readonly decay: number }
  /** The mean of the weights after each epoch from this part of the training on (Izmailov et al. 2018). */
  | { readonly from: number };

/** @throws RampartError `usage` */
export function checkAveraging(averaging: Averaging): void {
  const value = 'decay' in averaging ? averaging.decay : averaging.from;
  if (value >= 0 && value < 1) return;
  throw new RampartError({
    code: 'usage',
    message: `Averaging of weights needs a ${'decay' in averaging ? 'decay' : 'start'} of 0 or more and below 1. Received: ${value}.`,
  });
}
