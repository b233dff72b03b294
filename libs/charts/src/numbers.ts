/** A domain of some width, also for a single value. */
export function widened(low: number, high: number): [number, number] {
  if (low !== high) return [low, high];
  return low === 0 ? [0, 1] : [low * 0.9, high * 1.1];
}

/** A value of an axis, with as few digits as tell values apart. */
export function short(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1000) return value.toLocaleString('en', { maximumFractionDigits: 0 });
  if (size < 0.001) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}
