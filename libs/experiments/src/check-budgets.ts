import { type Dataset, formatNumber, RampartError, type Threat } from '@rampart/core';

import type { Experiment } from './experiment';

/**
 * Refuses a budget in which every sample of the box lies: it was meant in other units, such as 8 for 8/255.
 * @throws RampartError `usage` that names it
 */
export function checkBudgets({ attacks, threats }: Experiment, { box }: Pick<Dataset, 'box'>): void {
  const width = box.max - box.min;
  const asked = [
    ...threats.map(({ threat }) => ({ what: 'threat', threat })),
    ...attacks.map(({ definition, params, label }) => ({ what: label, threat: definition.threat(params) })),
  ];
  for (const { what, threat } of asked) {
    const epsilon = threat.norm === 'linf' ? (threat as Threat).epsilon : 0;
    // What looks for the nearest example has no bound.
    if (epsilon <= width || !Number.isFinite(epsilon)) continue;
    throw new RampartError({
      code: 'usage',
      message: `${what === 'threat' ? `linf(${formatNumber(epsilon)})` : what}: an epsilon of ${formatNumber(epsilon)} reaches every sample, as values are from ${box.min} to ${box.max}. Expected at most ${formatNumber(width)}, in these units${epsilon <= 255 * width ? `: of 8-bit pixels ${formatNumber(epsilon)} is ${formatNumber(epsilon)}/255` : ''}.`,
    });
  }
}
