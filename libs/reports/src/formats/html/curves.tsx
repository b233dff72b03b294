import { nameOf } from '@rampart/results';
import { type PublishedDataset } from '../../published/tables';
import { type CurveDiagram, type CurveSeries } from '../../report/curves';

import { diagramText, sweptParameter } from '../wording';
import type { Range } from './chart-layout';
import { LineChart } from './line-chart';

/** Lines that can still be told apart in one chart. */
const LEGIBLE = 6;

interface CurvesProps {
  readonly curves: readonly CurveDiagram[];
  readonly published: PublishedDataset | undefined;
}

/** Where the publication shows recall against the epsilon of fgs. */
const FIGURES: Readonly<Record<PublishedDataset, string>> = { mnist: 'figure 1', cifar10: 'figure 2' };

/** The recorded curves: what was swept in sight, what happened during training and attacks to be opened. */
export function Curves({ curves, published }: CurvesProps) {
  const sweeps = curves.filter(({ diagram }) => sweptParameter(diagram) !== undefined);
  const others = curves.filter(({ diagram }) => sweptParameter(diagram) === undefined);
  return (
    <section id="curves">
      <h2>Curves</h2>
      <p className="soft">
        Means over the seeds.
        {published &&
          sweeps.length > 0 &&
          ` Recall is that under attacks on each model itself; the publication has it in ${FIGURES[published]}.`}
      </p>
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

/** One panel for each kind of defense, the undefended model beside. */
function panels({ series }: CurveDiagram): Panel[] {
  const [base] = series;
  if (!base || series.length <= LEGIBLE) return [{ name: '', series }];
  const undefended = nameOf(base.model);
  const names = [...new Set(series.map(({ model }) => nameOf(model)))].filter((name) => name !== undefended);
  return names.map((name) => ({
    name,
    series: series.filter(({ model }) => [undefended, name].includes(nameOf(model))),
  }));
}

function rangeOf(values: readonly number[]): Range {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return low < high ? [low, high] : [low - 0.5, low + 0.5];
}
