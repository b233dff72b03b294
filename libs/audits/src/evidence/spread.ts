/** At most `size` of the positions, spread evenly over them, in their order. */
export function spread(positions: Int32Array, size: number): Int32Array {
  const count = Math.max(0, Math.min(positions.length, Math.floor(size)));
  return Int32Array.from({ length: count }, (_, i) => positions[Math.floor(((i + 0.5) * positions.length) / count)]!);
}
