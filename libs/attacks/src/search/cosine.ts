/** A value that falls from `first` to `last` along half a wave of the cosine: step 0 has `first`, step `steps` has `last`. */
export function cosine(first: number, last: number, step: number, steps: number): number {
  return last + ((first - last) * (1 + Math.cos((Math.PI * step) / steps))) / 2;
}
