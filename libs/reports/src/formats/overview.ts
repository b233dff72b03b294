import type { Peculiarities } from '../report/peculiarities';
import type { SeedFigure, ThreatModel, ThreatTable } from '../report/threat-tables';

import { modeText } from './robustness-wording';

/** All models under all threats, where there is more than one of either. */
export interface Overview {
  readonly title: string;
  readonly threats: readonly string[];
  readonly rows: readonly {
    readonly model: string;
    readonly cleanAccuracy: SeedFigure;
    /** The worst cases, one a threat. */
    readonly worst: readonly (Pick<ThreatModel, 'robustAccuracy' | 'established' | 'certified'> | undefined)[];
  }[];
}

/** One for each way in which examples were made. */
export function overviews(tables: readonly ThreatTable[], peculiarities: Peculiarities): Overview[] {
  return [...new Set(tables.map(({ mode }) => mode))].flatMap((mode) => {
    const own = tables.filter((table) => table.mode === mode);
    const models = [...new Map(own.flatMap((table) => table.models.map((row) => [row.model, row.cleanAccuracy])))];
    if (own.length * models.length < 2) return [];
    const worst = (model: string) => own.map((table) => table.models.find((row) => row.model === model));
    return [
      {
        title: `Robust accuracy, worst case: ${modeText(
          mode,
          models.map(([model]) => model),
          peculiarities,
        )}`,
        threats: own.map(({ threat }) => threat),
        rows: models.map(([model, cleanAccuracy]) => ({ model, cleanAccuracy, worst: worst(model) })),
      },
    ];
  });
}
