import type { scaleLinear } from '@visx/scale';

const WIDTH = 560;
const HEIGHT = 300;
export const MARGIN = { top: 32, right: 14, bottom: 58, left: 62 };
export const INNER = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
export const VIEW = `0 0 ${WIDTH} ${HEIGHT}`;

/** A range of an axis. */
export type Range = readonly [from: number, to: number];

export type Scale = ReturnType<typeof scaleLinear<number>>;

/** How much a line stands out among the others. */
export type Weight = 'bold' | 'thin';

/** The width of a line. */
export function widthOf(weight?: Weight): number {
  return weight === 'bold' ? 3 : weight === 'thin' ? 1.4 : 2.2;
}
