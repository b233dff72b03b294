import type { CurveSeries } from '@rampart/results';
import { AxisBottom, AxisLeft } from '@visx/axis';
import { Group } from '@visx/group';
import { scaleLinear } from '@visx/scale';
import { LinePath } from '@visx/shape';

const WIDTH = 560;
const HEIGHT = 300;
const MARGIN = { top: 10, right: 14, bottom: 58, left: 62 };
const INNER = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
const COLOURS = 8;
/** Lines are told apart by their dashes as well, and once the colours are used up by them alone. */
const DASHES = [undefined, '7 4', '2 4', '10 3 2 3'] as const;

/** A range of an axis. */
export type Range = readonly [from: number, to: number];

interface LineChartProps {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly xRange: Range;
  readonly yRange: Range;
  readonly series: readonly CurveSeries[];
}

/** Lines over numbers as SVG, with axes and a legend. */
export function LineChart({ title, x, y, xRange, yRange, series }: LineChartProps) {
  const xScale = scaleLinear({ domain: [...xRange], range: [0, INNER.width] });
  const yScale = scaleLinear({ domain: [...yRange], range: [INNER.height, 0], nice: true });
  const text = { fontSize: 12 };
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}: ${y} against ${x}`}>
        <Group left={MARGIN.left} top={MARGIN.top}>
          {yScale.ticks(5).map((tick) => (
            <line key={tick} className="grid" x2={INNER.width} y1={yScale(tick)} y2={yScale(tick)} />
          ))}
          <AxisLeft
            scale={yScale}
            numTicks={5}
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
            numTicks={6}
            label={x}
            labelOffset={16}
            labelProps={{ ...text, textAnchor: 'middle' }}
            tickLabelProps={{ ...text, textAnchor: 'middle' }}
            stroke="var(--soft)"
            tickStroke="var(--soft)"
          />
          {series.map(({ name, points }, index) => (
            <g key={name}>
              <LinePath
                className="line"
                data={[...points]}
                x={([at]) => xScale(at)}
                y={([, value]) => yScale(value)}
                {...strokeOf(index)}
              >
                {({ path }) => (
                  <path className="line" d={path([...points]) ?? ''} {...strokeOf(index)}>
                    <title>{name}</title>
                  </path>
                )}
              </LinePath>
              {points.length <= 12 &&
                points.map(([at, value]) => (
                  <circle key={at} cx={xScale(at)} cy={yScale(value)} r={3} fill={colourOf(index)}>
                    <title>{`${name}: ${x} ${at}, ${y} ${Number(value.toPrecision(4))}`}</title>
                  </circle>
                ))}
            </g>
          ))}
        </Group>
      </svg>
      <ul className="legend">
        {series.map(({ name }, index) => (
          <li key={name}>
            <svg width={30} height={10} aria-hidden="true">
              <line x2={30} y1={5} y2={5} strokeWidth={2.5} {...strokeOf(index)} />
            </svg>
            {name}
          </li>
        ))}
      </ul>
    </figure>
  );
}

function strokeOf(index: number) {
  return { stroke: colourOf(index), strokeDasharray: DASHES[(index + Math.floor(index / COLOURS)) % DASHES.length] };
}

function colourOf(index: number): string {
  return `var(--c${index % COLOURS})`;
}
