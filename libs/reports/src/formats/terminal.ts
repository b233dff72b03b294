import { inspect } from 'node:util';

import { visible } from '@rampart/core';

/** What a text is written for. */
export interface Terminal {
  /** Columns; Infinity where nothing is cut. */
  readonly width: number;
  readonly colour: boolean;
}

/** A file, or another program. */
export const PLAIN: Terminal = { width: Infinity, colour: false };

/** What a text is, which a terminal with colours shows. */
export type Accent = 'best' | 'worst' | 'title';

const STYLES = { best: 'green', worst: 'red', title: 'bold' } as const;

export function accented(text: string, accent: Accent | undefined, { colour }: Terminal): string {
  if (!colour || accent === undefined) return text;
  const [on, off] = inspect.colors[STYLES[accent]]!;
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

/** The control sequences of `STYLES`, which do nothing but colour. */
const SEQUENCES = /(\u001b\[(?:1|22|31|32|39)m)/;

/** `visible`, but for the colours that `accented` gave. */
export function visibleInColour(text: string): string {
  const parts = text.split(SEQUENCES);
  return parts.map((part, index) => (index % 2 === 1 ? part : visible(part))).join('');
}

/**
 * Which of some figures is the best and which the worst; none where they are all alike.
 * @param better the figures that are better
 */
export function extremes(
  figures: readonly (number | undefined)[],
  better: 'high' | 'low',
): (figure: number | undefined) => Accent | undefined {
  const known = figures.filter((figure) => figure !== undefined);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  if (!(least < most)) return () => undefined;
  const [best, worst] = better === 'high' ? [most, least] : [least, most];
  return (figure) => (figure === best ? 'best' : figure === worst ? 'worst' : undefined);
}
