/** A place on the x axis that a vertical line stands at, with its name on top. */
export interface AxisMark {
  readonly x: number;
  readonly name: string;
}

export interface PlacedMark extends AxisMark {
  /** Of the line. */
  readonly left: number;
  /** Of the name's beginning. */
  readonly textLeft: number;
  /** Lines of text that it is above the first. */
  readonly level: number;
}

const GAP = 8;

/** About as wide as a text of the axes is. */
export function textWidth(text: string): number {
  return text.length * 6;
}

/**
 * Names above the plot, each as low as the others leave room for.
 * @param taken what stands at the left on the first level, up to this place
 */
export function placeMarks(
  marks: readonly AxisMark[],
  x: (value: number) => number,
  width: number,
  taken: number,
): PlacedMark[] {
  const ends = [taken];
  return marks
    .map((mark) => ({ ...mark, left: x(mark.x), size: textWidth(mark.name) }))
    .sort((a, b) => a.left - b.left)
    .map(({ size, ...mark }) => {
      const textLeft = Math.max(0, Math.min(width - size, mark.left - size / 2));
      let level = ends.findIndex((end) => textLeft > end + GAP);
      if (level < 0) level = ends.length;
      ends[level] = textLeft + size;
      return { ...mark, textLeft, level };
    });
}
