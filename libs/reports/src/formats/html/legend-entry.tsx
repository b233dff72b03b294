import type { ReactNode } from 'react';

/** Series that a legend can hide; those after them are always shown. */
const HIDEABLE = 48;

/** What a series is drawn in, so that its legend can hide it. */
export function seriesClass(index: number): string {
  return `series-${index + 1}`;
}

/** A series in a chart's legend, with a box that hides it: without a script, by the rules of `LEGEND_STYLE`. */
export function LegendEntry(props: {
  readonly name: string;
  readonly index: number;
  readonly className?: string | undefined;
  /** Its swatch. */
  readonly children: ReactNode;
}) {
  const { name, index, className, children } = props;
  return (
    <li className={className}>
      <label>
        {index < HIDEABLE && <input type="checkbox" defaultChecked />}
        {children}
        {name}
      </label>
    </li>
  );
}

/** Hides what is not checked. */
export const LEGEND_STYLE = Array.from(
  { length: HIDEABLE },
  (_, index) =>
    `figure:has(.legend li:nth-child(${index + 1}) input:not(:checked)) .${seriesClass(index)} { display: none; }`,
).join('\n');
