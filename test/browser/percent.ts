/** A rate as the pages write it. */
export function percent(value: number): string {
  const scaled = value * 100;
  if (scaled > 0 && scaled < 0.0995) return `${scaled.toPrecision(2)}%`;
  return `${scaled.toFixed(scaled > 0 && scaled < 0.995 ? 2 : 1)}%`;
}
