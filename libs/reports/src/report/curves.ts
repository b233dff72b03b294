import { meanLoss } from '@rampart/core';

import type { CurveRecord } from '@rampart/results';

/** A line of a diagram; several seeds are one line of their means. */
export interface CurveSeries {
  readonly name: string;
  readonly model: string;
  readonly seeds: number;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface CurveDiagram {
  readonly diagram: string;
  readonly series: readonly CurveSeries[];
}

interface Line {
  readonly record: CurveRecord;
  /** The points of each seed. */
  readonly seeds: Map<number, (readonly [x: number, y: number])[]>;
}

/** What has an axis for each of its series: the kinds of training curves, and the losses of different attacks. */
const PARTED: readonly string[] = ['training', 'attack-loss'];

/** Points by diagram and series, means over the seeds at each x. */
export function arrangeCurves(points: readonly CurveRecord[]): CurveDiagram[] {
  const diagrams = new Map<string, Map<string, Line>>();
  for (const record of points) {
    const diagram = PARTED.includes(record.diagram) ? `${record.diagram}: ${record.series}` : record.diagram;
    const lines = diagrams.get(diagram) ?? new Map<string, Line>();
    diagrams.set(diagram, lines);
    const key = JSON.stringify([record.model, record.series]);
    const line = lines.get(key) ?? { record, seeds: new Map() };
    lines.set(key, line);
    const seed = line.seeds.get(record.seed);
    if (seed) seed.push([record.x, record.y]);
    else line.seeds.set(record.seed, [[record.x, record.y]]);
  }
  return [...diagrams].map(([diagram, lines]) => ({
    diagram,
    series: [...lines.values()].map(({ record, seeds }) => ({
      name: seriesName(record),
      model: record.model,
      seeds: seeds.size,
      points: record.diagram === 'attack-loss' ? lossesOf([...seeds.values()]) : meansOf([...seeds.values()]),
    })),
  }));
}

type Points = readonly (readonly [x: number, y: number])[];

function meansOf(seeds: readonly Points[]): Points {
  const ys = new Map<number, number[]>();
  for (const [x, y] of seeds.flat()) {
    const values = ys.get(x);
    if (values) values.push(y);
    else ys.set(x, [y]);
  }
  return [...ys]
    .sort(([a], [b]) => a - b)
    .map(([x, values]) => [x, values.reduce((sum, one) => sum + one, 0) / values.length] as const);
}

/** A seed whose attack has ended stays at the loss that it ended with. */
function lossesOf(seeds: readonly Points[]): Points {
  return meanLoss(seeds.map((points) => ({ instances: 1, curve: [...points].sort(([a], [b]) => a - b) })));
}

function seriesName({ diagram, model, series }: CurveRecord): string {
  if (PARTED.includes(diagram)) return model;
  return series.includes(model) ? series : `${model}: ${series}`;
}
