/**
 * Colours that the colour-blind tell apart (Okabe and Ito), dark enough on light and light enough on dark; a series
 * differs from the others by its dashes and its marks as well.
 */
export const SERIES_COLOURS: readonly { readonly onLight: string; readonly onDark: string }[] = [
  { onLight: '#0067a8', onDark: '#56b4e9' },
  { onLight: '#b84e00', onDark: '#f0923e' },
  { onLight: '#00795a', onDark: '#2fbf97' },
  { onLight: '#a6457f', onDark: '#d98cbb' },
  { onLight: '#7a6a00', onDark: '#e6d54a' },
  { onLight: '#4a3fb5', onDark: '#a79df5' },
  { onLight: '#444c57', onDark: '#b3bcc8' },
];

const DASHES = ['', '6 3', '2 3', '8 3 2 3', '12 4', '1 4'] as const;

export type Mark = 'circle' | 'square' | 'triangle' | 'diamond';
const MARKS: readonly Mark[] = ['circle', 'square', 'triangle', 'diamond'];

/** How a series is told from the others. */
export interface SeriesLook {
  /** A CSS colour. */
  readonly colour: string;
  readonly dash: string;
  readonly mark: Mark;
}

/** The look of the n-th series; it stays when others are switched off. */
export function seriesLook(index: number): SeriesLook {
  const { onLight, onDark } = SERIES_COLOURS[index % SERIES_COLOURS.length]!;
  return {
    colour: `light-dark(${onLight}, ${onDark})`,
    dash: DASHES[Math.floor(index / SERIES_COLOURS.length) % DASHES.length]!,
    mark: MARKS[index % MARKS.length]!,
  };
}

/** A mark's outline around the origin. */
export function markPath(mark: Mark, size = 3.2): string {
  switch (mark) {
    case 'circle':
      return `M${-size} 0a${size} ${size} 0 1 0 ${size * 2} 0a${size} ${size} 0 1 0 ${-size * 2} 0`;
    case 'square':
      return `M${-size} ${-size}h${size * 2}v${size * 2}h${-size * 2}z`;
    case 'triangle':
      return `M0 ${-size * 1.2}L${size * 1.15} ${size * 0.9}H${-size * 1.15}z`;
    case 'diamond':
      return `M0 ${-size * 1.3}L${size * 1.1} 0L0 ${size * 1.3}L${-size * 1.1} 0z`;
  }
}
