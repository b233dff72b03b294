import type { SeedFigure } from '../../report/threat-tables';
import type { CSSProperties, ReactNode } from 'react';

import { intervalText, percentText } from '../robustness-cells';

interface ShareProps {
  readonly figure: SeedFigure;
  /** What it falls from. */
  readonly clean?: SeedFigure | undefined;
}

export function Headline({ figure, clean }: ShareProps) {
  return (
    <>
      <Share text={<Main figure={figure} />} figure={figure} clean={clean} whisker />
      <small>{intervalText(figure)}</small>
    </>
  );
}

/** The mean stands out, the deviation does not. */
export function Main({ figure }: { readonly figure: SeedFigure }) {
  const [mean, deviation] = percentText(figure).split(' ± ');
  return (
    <>
      <strong>{mean}</strong>
      {deviation !== undefined && <span className="soft"> ± {deviation}</span>}
    </>
  );
}

interface BarProps extends ShareProps {
  readonly text: ReactNode;
  /** Whether the interval is shown. */
  readonly whisker?: boolean;
}

/** A share with a bar beside it: pale what is lost of the clean accuracy, a whisker for the interval. */
export function Share({ text, figure: { value, low = value, high = value }, clean, whisker }: BarProps) {
  const style = { '--share': value.toFixed(4), '--clean': (clean?.value ?? value).toFixed(4) } as CSSProperties;
  const percent = (part: number) => `${(100 * part).toFixed(2)}%`;
  return (
    <div className="share">
      <span className="bar" style={style} aria-hidden="true">
        {whisker && <i style={{ left: percent(low), width: percent(high - low) }} />}
      </span>
      <span>{text}</span>
    </div>
  );
}

export function Cells({ cells }: { readonly cells: readonly string[] }) {
  // Cells have no names of their own: their places are all that tells them apart.
  return cells.map((cell, index) => <td key={index}>{cell}</td>);
}
