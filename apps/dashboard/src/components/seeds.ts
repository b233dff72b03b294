/** Seeds as they are typed: `1, 4` or `1..3`. Undefined for anything else. */
export function readSeeds(text: string): number[] | undefined {
  const seeds: number[] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const [, first, last] = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(part) ?? [];
    if (first === undefined) return undefined;
    const end = Number(last ?? first);
    if (end < Number(first) || end - Number(first) > 999) return undefined;
    for (let seed = Number(first); seed <= end; seed++) seeds.push(seed);
  }
  return seeds;
}
