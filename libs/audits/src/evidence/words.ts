/** `12.5%`, of a fraction. */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)}%`;
}

/** `3 of 64 (4.7%)`. */
export function partOf(part: number, whole: number): string {
  return `${part} of ${whole} (${percent(part / whole)})`;
}
