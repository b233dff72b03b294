import type { scaleLinear } from '@visx/scale';

const WIDTH = 560;
const HEIGHT = 300;
export const MARGIN = { top: 18, right: 14, bottom: 58, left: 62 };
export const INNER = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
export const VIEW = `0 0 ${WIDTH} ${HEIGHT}`;

/** A range of an axis. */
export type Range = readonly [from: number, to: number];

export type Scale = ReturnType<typeof scaleLinear<number>>;

/** How much a line stands out among the others. */
export type Weight = 'bold' | 'thin';

const COLOURS = 8;
/** Lines are told apart by their dashes as well, and once the colours are used up by them alone. */
const DASHES = [undefined, '7 4', '2 4', '10 3 2 3'] as const;

export function strokeOf(index: number, weight?: Weight) {
  return {
    stroke: colourOf(index),
    strokeDasharray: DASHES[(index + Math.floor(index / COLOURS)) % DASHES.length],
    strokeWidth: weight === 'bold' ? 3 : weight === 'thin' ? 1.4 : 2.2,
  };
}

export function colourOf(index: number): string {
  return `var(--c${index % COLOURS})`;
}

/** An SVG coordinate, short. */
export function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}
