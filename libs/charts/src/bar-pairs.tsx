import { short, widened } from './numbers';
import { coordinate } from './paths';
import { seriesLook } from './series-look';

/** Two values of one thing. */
export interface BarPair {
  readonly name: string;
  readonly values: readonly [before: number, after: number];
  /** Whether its name stands out. */
  readonly strong?: boolean;
}

interface BarPairsProps {
  readonly title: string;
  readonly pairs: readonly BarPair[];
  /** What the bars' ends stand for; from 0 to the largest value where nothing is said. */
  readonly domain?: readonly [from: number, to: number];
  readonly format?: (value: number) => string;
}

const WIDTH = 420;
const LEFT = 112;
const RIGHT = 64;
const ROW = 34;
const BAR = 11;
/** Letters of a name that there is room for. */
const LETTERS = 16;

/** The looks of what was before, and of what is after. */
export const PAIR_LOOKS = [seriesLook(6), seriesLook(1)] as const;

/** Two bars a row, before above after, on one axis: what a model made of classes, for instance. */
export function BarPairs({ title, pairs, domain, format = short }: BarPairsProps) {
  const values = pairs.flatMap((pair) => pair.values).filter(Number.isFinite);
  const [from, to] = domain ?? widened(Math.min(0, ...values), Math.max(0, ...values));
  const x = (value: number) => LEFT + ((value - from) / (to - from)) * (WIDTH - LEFT - RIGHT);
  const height = pairs.length * ROW;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={`${title}: ${described(pairs, format)}`}>
      <line x1={coordinate(x(0))} x2={coordinate(x(0))} y2={height} stroke="currentColor" opacity={0.35} />
      {pairs.map(({ name, values: both, strong }, row) => (
        <g key={name} transform={`translate(0 ${row * ROW})`}>
          <text
            x={LEFT - 8}
            y={ROW / 2 + 4}
            textAnchor="end"
            fontSize={12}
            fontWeight={strong ? 700 : 400}
            fill="currentColor"
          >
            <title>{name}</title>
            {name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name}
          </text>
          {both.map((value, which) => {
            if (!Number.isFinite(value)) return null;
            const [left, right] = [x(0), x(value)].sort((a, b) => a - b) as [number, number];
            const top = ROW / 2 - BAR - 0.5 + which * (BAR + 1);
            return (
              <g key={which}>
                <rect
                  x={coordinate(left)}
                  y={top}
                  width={coordinate(Math.max(1, right - left))}
                  height={BAR}
                  style={{ fill: PAIR_LOOKS[which]!.colour }}
                />
                <text x={coordinate(right + 5)} y={top + BAR - 1.5} fontSize={11} fill="currentColor">
                  {format(value)}
                </text>
              </g>
            );
          })}
        </g>
      ))}
    </svg>
  );
}

function described(pairs: readonly BarPair[], format: (value: number) => string): string {
  return pairs
    .map(({ name, values: [before, after] }) => `${name} ${format(before)}, then ${format(after)}`)
    .join('; ');
}
