import { type AxisMark, seriesLook, Swatch } from '@rampart/charts';
import { AxisBottom, AxisLeft } from '@visx/axis';
import { Group } from '@visx/group';
import { scaleLinear } from '@visx/scale';

import { ChartLine, type ChartSeries } from './chart-line';
import { LegendEntry } from './legend-entry';
import { ChartDots, ChartMarks, ChartReadings, type Dot } from './chart-marks';
import { INNER, MARGIN, type Range, VIEW, widthOf } from './chart-layout';

interface LineChartProps {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly xRange: Range;
  readonly yRange: Range;
  readonly series: readonly ChartSeries[];
  /** Places on the x axis; round numbers where they are left out. */
  readonly xTicks?: readonly number[];
  readonly formatX?: (x: number) => string;
  readonly formatY?: (y: number) => string;
  /** What the y axis has at its ticks; as `formatY` where it is left out. */
  readonly yTick?: (y: number) => string;
  /** Whether each point holds up to the next: staircases, not straight lines. */
  readonly steps?: boolean;
  readonly marks?: readonly AxisMark[];
  readonly dots?: readonly Dot[];
}

/** Lines over numbers as SVG, with axes and a legend. */
export function LineChart(props: LineChartProps) {
  const { title, x, y, xRange, yRange, series, steps = false, marks = [], dots = [] } = props;
  const { xTicks, formatX = String, formatY = String, yTick = props.formatY } = props;
  const xScale = scaleLinear({ domain: [...xRange], range: [0, INNER.width] });
  const yScale = scaleLinear({ domain: [...yRange], range: [INNER.height, 0], nice: true });
  const text = { fontSize: 12 };
  const named = [...new Set(dots.map(({ name }) => name))];
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <svg viewBox={VIEW} role="img" aria-label={`${title}: ${y} against ${x}`}>
        <Group left={MARGIN.left} top={MARGIN.top}>
          {yScale.ticks(5).map((tick) => (
            <line key={tick} className="grid" x2={INNER.width} y1={yScale(tick)} y2={yScale(tick)} />
          ))}
          <AxisLeft
            scale={yScale}
            numTicks={5}
            {...(yTick && { tickFormat: (tick) => yTick(Number(tick)) })}
            label={y}
            labelOffset={42}
            labelProps={{ ...text, textAnchor: 'middle' }}
            tickLabelProps={{ ...text, textAnchor: 'end', dy: '0.32em' }}
            hideAxisLine
            hideTicks
          />
          <AxisBottom
            scale={xScale}
            top={INNER.height}
            {...(xTicks ? { tickValues: [...xTicks] } : { numTicks: 6 })}
            {...(props.formatX && { tickFormat: (tick) => formatX(Number(tick)) })}
            label={x}
            labelOffset={16}
            labelProps={{ ...text, textAnchor: 'middle' }}
            tickLabelProps={{ ...text, textAnchor: 'middle' }}
            stroke="var(--soft)"
            tickStroke="var(--soft)"
          />
          <ChartMarks marks={marks} xScale={xScale} />
          {series.map((one, index) => (
            <ChartLine key={one.name} {...{ series: one, index, steps, xScale, yScale, x, y }} />
          ))}
          <ChartDots {...{ dots, named, after: series.length, xScale, yScale, formatY }} />
          {steps && <ChartReadings {...{ series, xRange, xScale, formatX, formatY }} />}
        </Group>
      </svg>
      <ul className="legend">
        {series.map(({ name, weight }, index) => (
          <LegendEntry key={name} name={name} index={index} className={weight}>
            <Swatch look={seriesLook(index)} width={widthOf(weight)} mark={weight === undefined} />
          </LegendEntry>
        ))}
        {named.map((name, index) => (
          <LegendEntry key={name} name={name} index={series.length + index}>
            <Swatch look={seriesLook(series.length + index)} line={false} />
          </LegendEntry>
        ))}
      </ul>
    </figure>
  );
}
