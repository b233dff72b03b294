/** Names of metadata entries in which files say how many of their test images they get right. */
const ENTRY = /^(?:(?:test|clean|val|validation|top-?1)[ _.-]?)?acc(?:uracy)?(?:[ _.-]?(?:top-?1|1))?$/i;

/**
 * The clean accuracy that a model file claims in its metadata (`accuracy: 0.987`, `test_acc: 98.7%`), as a fraction;
 * undefined where it claims none that can be read.
 */
export function claimedAccuracy(metadata: ReadonlyMap<string, string>): number | undefined {
  for (const [key, text] of metadata) {
    if (!ENTRY.test(key)) continue;
    const percent = /%\s*$/.test(text);
    const value = Number(text.replace(/%\s*$/, '').trim() || NaN);
    const fraction = percent || value > 1 ? value / 100 : value;
    if (fraction > 0 && fraction <= 1) return fraction;
  }
  return undefined;
}
