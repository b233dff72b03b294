import type { CellRecord } from '@rampart/results';

import { overSeeds } from './over-seeds';
import { possibleErrors } from './possible-error';
import type { ReportCell } from './tables';

/**
 * How cells become those of a report where nothing is published.
 * @param cells all of a run
 * @returns one figure of its cells, one a seed; undefined for none
 */
export function measuring(cells: readonly CellRecord[]): (own: readonly CellRecord[]) => ReportCell | undefined {
  const most = possibleErrors(cells);
  return (own) => {
    const figure = overSeeds(own, own[0] && Math.max(...own.map(most)));
    return figure && { ...figure, mode: own[0]!.mode, published: undefined, difference: undefined };
  };
}
