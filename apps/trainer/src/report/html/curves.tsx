import { isRampartError, parseComponent } from '@rampart/core';
import type { CurveDiagram, CurveSeries } from '@rampart/results';

import { diagramText, sweptParameter } from '../wording';
import { LineChart, type Range } from './line-chart';

/** Lines that can still be told apart in one chart. */
const LEGIBLE = 6;

/** The recorded curves: what was swept in sight, what happened during training and attacks to be opened. */
export function Curves({ curves }: { readonly curves: readonly CurveDiagram[] }) {
  const sweeps = curves.filter(({ diagram }) => sweptParameter(diagram) !== undefined);
  const others = curves.filter(({ diagram }) => sweptParameter(diagram) === undefined);
  return (
    <section id="curves">
      <h2>Curves</h2>
      <p className="soft">Means over the seeds.</p>
      {sweeps.map((diagram) => (
        <Diagram key={diagram.diagram} diagram={diagram} />
      ))}
      {others.map((diagram) => (
        <details key={diagram.diagram}>
          <summary>{diagramText(diagram).title}</summary>
          <Diagram diagram={diagram} />
        </details>
      ))}
    </section>
  );
}

/** A diagram with many lines becomes several of the same axes. */
function Diagram({ diagram }: { readonly diagram: CurveDiagram }) {
  const { title, x, y } = diagramText(diagram);
  const points = diagram.series.flatMap((series) => series.points);
  const yRange = y === 'recall' ? ([0, 1] as const) : rangeOf(points.map(([, value]) => value));
  const axes = { x, y, xRange: rangeOf(points.map(([at]) => at)), yRange };
  return (
    <div className="charts">
      {panels(diagram).map(({ name, series }) => (
        <LineChart key={name} title={name === '' ? title : `${title}: ${name}`} {...axes} series={series} />
      ))}
    </div>
  );
}

interface Panel {
  readonly name: string;
  readonly series: readonly CurveSeries[];
}

/** One panel for each kind of defense, the undefended model beside; for the attacks' own curves one for each model. */
function panels({ diagram, series }: CurveDiagram): Panel[] {
  if (series.length <= LEGIBLE) return [{ name: '', series }];
  const key = ({ model }: CurveSeries) => (diagram === 'attack-loss' ? model : nameOf(model));
  const [base] = series;
  const names = [...new Set(series.map(key))];
  if (diagram === 'attack-loss')
    return names.map((name) => ({ name, series: series.filter((one) => key(one) === name) }));
  return names
    .filter((name) => name !== key(base!))
    .map((name) => ({
      name,
      series: series.filter((one) => key(one) === key(base!) || key(one) === name),
    }));
}

function nameOf(label: string): string {
  try {
    return parseComponent(label).name;
  } catch (error) {
    if (isRampartError(error)) return label;
    throw error;
  }
}

function rangeOf(values: readonly number[]): Range {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return low < high ? [low, high] : [low - 0.5, low + 0.5];
}
