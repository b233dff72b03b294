import type { CurveDiagram } from '../report/curves';

import { diagramText, sweptParameter } from './wording';

/** Recall over a parameter of an attack as a table: figures 1 and 2 of the publication in numbers. */
export interface SweepTable {
  readonly title: string;
  /** `epsilon=0.1` */
  readonly columns: readonly string[];
  /** Fractions, means over the seeds. */
  readonly rows: readonly { readonly name: string; readonly values: readonly (number | undefined)[] }[];
}

/** Undefined for diagrams of another kind. */
export function sweepTable(diagram: CurveDiagram): SweepTable | undefined {
  const parameter = sweptParameter(diagram.diagram);
  if (parameter === undefined) return undefined;
  const xs = [...new Set(diagram.series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  return {
    title: diagramText(diagram).title,
    columns: xs.map((x) => `${parameter}=${x}`),
    rows: diagram.series.map(({ name, points }) => {
      const values = new Map(points);
      return { name, values: xs.map((x) => values.get(x)) };
    }),
  };
}
