import { RampartError } from '@rampart/core';
import type { InnerAttack } from '@rampart/training';

import type { TrainingSettings } from './settings';

/** Where the first step of an inner attack starts: at the image's example of the epoch before, or at random. */
export type Start = 'previous' | 'random';

/** Examples of the epoch before are of the images as they were then. */
export function isAugmented({ flips, crops }: Pick<TrainingSettings, 'flips' | 'crops'>): boolean {
  return flips || crops > 0;
}

/**
 * @param random where it starts, if at random
 * @throws RampartError `usage` where the previous example is asked for of images that are mirrored or shifted
 */
export function startAt(
  random: InnerAttack['start'],
  { start, ...augmentation }: { readonly start: Start } & Pick<TrainingSettings, 'flips' | 'crops'>,
): InnerAttack['start'] {
  if (start === 'random') return random;
  if (!isAugmented(augmentation)) return { keptIn: 'changes' };
  throw new RampartError({
    code: 'usage',
    message:
      'The previous example of an image that was mirrored or shifted is not where the next one starts. Expected start=random, or neither flips nor crops. Received: start=previous.',
  });
}
