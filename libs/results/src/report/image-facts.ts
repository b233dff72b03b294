import { type ParameterValue, parseComponent, PUBLICATION_BOX } from '@rampart/core';

import type { ImageFacts, RunRecord } from '../records';

/** How to show a run's images; for a run that did not say, what its dataset's label tells. */
export function imageFacts(run: Pick<RunRecord, 'images' | 'dataset'>): ImageFacts {
  if (run.images) return run.images;
  let classes: ParameterValue | undefined;
  try {
    classes = parseComponent(run.dataset).params['classes'];
  } catch {
    // A label that names no component.
  }
  return { classes: Array.isArray(classes) ? classes.map(String) : [], box: PUBLICATION_BOX };
}
