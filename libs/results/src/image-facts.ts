import { PUBLICATION_BOX } from '@rampart/core';

import { specOf } from './labels';
import type { ImageFacts, RunRecord } from './records';

/** How to show a run's images; for a run that did not say, what its dataset's label tells. */
export function imageFacts(run: Pick<RunRecord, 'images' | 'dataset'>): ImageFacts {
  if (run.images) return run.images;
  const classes = specOf(run.dataset)?.params['classes'];
  return { classes: Array.isArray(classes) ? classes.map(String) : [], box: PUBLICATION_BOX };
}
