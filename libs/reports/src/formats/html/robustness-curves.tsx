import type { Peculiarities } from '../../report/peculiarities';
import { formatComponent, formatNumber } from '@rampart/core';
import { specOf } from '@rampart/results';
import { type RobustnessDiagram, type RobustnessLine, type RobustnessPanel } from '../../report/robustness-diagrams';

import { epsilonEnd } from '../curve-table';
import { formatFigure } from '../figure-text';
import { modeText } from '../robustness-wording';
import { ticksOf } from '../ticks';
import type { ChartSeries } from './chart-line';
import { LineChart } from './line-chart';

/** Bands that can be seen through each other. */
const BANDS = 3;

/** Robust accuracy against epsilon: a chart for each norm and model, and one that compares the models. */
export function RobustnessCurves({
  diagrams,
  peculiarities,
}: {
  readonly diagrams: readonly RobustnessDiagram[];
  readonly peculiarities: Peculiarities;
}) {
  return (
    <section id="robustness-curves">
      <h2>Robust accuracy against epsilon</h2>
      <p className="soft">
        From the nearest example that was found of each instance, so that every line is a bound from above. Bold: the
        worst case over all attacks, with its 95% confidence interval. Attacks with a budget are dots at the epsilon
        that they were run with. Dashed upright: the threats.{' '}
        {diagrams.some(({ panels }) => panels.some(({ certified }) => certified)) &&
          'Certified: a bound from below, of the vote of all noisy copies, whatever the attack.'}
      </p>
      {(['adaptive', 'static'] as const).map((mode) => {
        const own = diagrams.filter((diagram) => diagram.mode === mode);
        if (own.length === 0) return null;
        const models = [...new Set(own.flatMap(({ panels }) => panels.map(({ model }) => model)))];
        return (
          <details key={mode} open={mode === 'adaptive'}>
            <summary>{modeText(mode, models, peculiarities)}</summary>
            <div className="charts">{own.map(charts)}</div>
          </details>
        );
      })}
    </section>
  );
}

function charts(diagram: RobustnessDiagram) {
  const { norm, panels } = diagram;
  const compared = panels.map(({ model, worstCase }) => series(worstCase, model, panels.length <= BANDS));
  return [
    panels.length > 1 && (
      <Chart key={norm} title={`${norm}: the models, worst case`} diagram={diagram} series={compared} />
    ),
    ...panels.map((panel) => (
      <Chart
        key={`${norm} ${panel.model}`}
        title={`${norm}: ${panel.model}`}
        diagram={diagram}
        series={[
          { ...series(panel.worstCase, 'worst case', true), weight: 'bold' },
          ...(panel.certified ? [series(panel.certified, 'certified', true)] : []),
          ...panel.attacks.map((line): ChartSeries => ({ ...series(line, line.attack, false), weight: 'thin' })),
        ]}
        budgets={panel.budgets}
      />
    )),
  ];
}

interface ChartProps {
  readonly title: string;
  readonly diagram: RobustnessDiagram;
  readonly series: readonly ChartSeries[];
  readonly budgets?: RobustnessPanel['budgets'];
}

function Chart({ title, diagram, series: lines, budgets = [] }: ChartProps) {
  const { norm, threats } = diagram;
  const end = epsilonEnd(diagram);
  return (
    <LineChart
      title={title}
      x={`epsilon, ${norm}`}
      y="robust accuracy"
      xRange={[0, end]}
      yRange={[0, 1]}
      xTicks={ticksOf(end, threats, 8)}
      formatX={formatNumber}
      formatY={(y) => formatFigure(y, 'fraction')}
      yTick={(y) => `${Math.round(100 * y)}%`}
      steps
      series={lines}
      marks={threats.map((x) => ({ x, name: `${norm}(${formatNumber(x)})` }))}
      dots={budgets.map(({ attack, epsilon, robustAccuracy }) => ({
        name: anyBudget(attack),
        x: epsilon,
        y: robustAccuracy,
      }))}
    />
  );
}

function series({ points }: RobustnessLine, name: string, band: boolean): ChartSeries {
  return { name, points: band ? points : points.map(([x, y]) => [x, y] as const) };
}

/** An attack's label without what the chart shows: it has one name at every epsilon. */
function anyBudget(attack: string): string {
  const spec = specOf(attack);
  if (!spec) return attack;
  const { epsilon: _epsilon, norm: _norm, ...params } = spec.params;
  return formatComponent({ ...spec, params });
}
