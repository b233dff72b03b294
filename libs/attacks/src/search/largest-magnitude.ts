let scratch = new Float32Array(0);

/**
 * The magnitude of the `rank`-th largest of some values, counted from 1, by quickselect: the values of at least this
 * magnitude are `rank` of them, or more where some are alike.
 */
export function largestMagnitude(values: Float32Array, rank: number): number {
  if (scratch.length < values.length) scratch = new Float32Array(values.length);
  const sizes = scratch;
  for (let k = 0; k < values.length; k++) sizes[k] = Math.abs(values[k]!);
  const wanted = rank - 1;
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = sizes[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (sizes[i]! > pivot) i++;
      while (sizes[j]! < pivot) j--;
      if (i > j) break;
      const swapped = sizes[i]!;
      sizes[i++] = sizes[j]!;
      sizes[j--] = swapped;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return sizes[wanted]!;
}
