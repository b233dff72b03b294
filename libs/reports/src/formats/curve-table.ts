import { formatNumber } from '@rampart/core';
import type { Peculiarities } from '../report/peculiarities';
import { pointAt, type RobustnessDiagram, type RobustnessPoint } from '../report/robustness-diagrams';

import { curveTitle } from './robustness-wording';
import { ticksOf } from './ticks';

/** Curves of robust accuracy in numbers: at the epsilons of the threats, and some between. */
export interface CurveTable {
  readonly title: string;
  /** Epsilons: `8/255`. */
  readonly columns: readonly string[];
  /** Fractions. */
  readonly rows: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** A row for each model's worst case, and of one model alone for each of its attacks. */
export function curveTable(diagram: RobustnessDiagram, peculiarities: Peculiarities = new Map()): CurveTable {
  const { threats, panels } = diagram;
  const epsilons = [...new Set([...ticksOf(epsilonEnd(diagram), threats, 8), ...threats])]
    .filter((epsilon) => epsilon > 0)
    .sort((a, b) => a - b);
  const row = (name: string, points: readonly RobustnessPoint[]) => ({
    name,
    values: epsilons.map((epsilon) => pointAt(points, epsilon)[1]),
  });
  return {
    title: curveTitle(diagram, peculiarities),
    columns: epsilons.map(formatNumber),
    rows: panels.flatMap(({ model, worstCase, attacks, certified }) => [
      row(`${model}, worst case`, worstCase.points),
      ...(certified ? [row(`${model}, certified`, certified.points)] : []),
      ...(panels.length > 1 ? [] : attacks.map(({ attack, points }) => row(attack, points))),
    ]),
  };
}

/** How much of its whole fall a curve must show. */
const FALLEN = 0.99;

/** The epsilon up to which curves are shown: beyond the threats, and where hardly anything falls any more. */
export function epsilonEnd({ threats, panels }: RobustnessDiagram): number {
  const fallen = panels.map(({ worstCase: { points } }) => {
    const [from, to] = [points[0]![1], points.at(-1)![1]];
    return points.find(([, value]) => value <= from - FALLEN * (from - to))![0];
  });
  return 1.1 * Math.max(...fallen, ...threats);
}
