import { RampartError } from './error';

const NUMERAL = String.raw`\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?`;
const NUMBER = new RegExp(String.raw`^\s*([+-]?(?:${NUMERAL}))\s*(?:/\s*(${NUMERAL})\s*)?$`, 'i');

/**
 * Reads a number as people write it, which may be a fraction: `0.1`, `8/255`, `-1/2`, `1e-3/2`.
 * @throws RampartError `usage` where it is no number, not finite, or divides by zero
 */
export function parseNumber(text: string): number {
  const [, numerator, denominator = '1'] = NUMBER.exec(text) ?? [];
  if (numerator === undefined) throw unreadable(text, 'is no number');
  if (Number(denominator) === 0) throw unreadable(text, 'divides by zero');
  const value = Number(numerator) / Number(denominator);
  if (!Number.isFinite(value)) throw unreadable(text, 'is too large');
  return value;
}

/**
 * The text of a number that `parseNumber` reads back to the same double: `k/255` for such a part of the 256 levels of
 * an 8-bit image, where that is the shorter text.
 */
export function formatNumber(value: number): string {
  const decimal = String(value);
  const levels = Math.round(value * 255);
  const fraction = `${levels}/255`;
  const is8Bit = levels >= 1 && levels <= 255 && levels / 255 === value;
  return is8Bit && fraction.length < decimal.length ? fraction : decimal;
}

function unreadable(text: string, why: string): RampartError {
  return new RampartError({
    code: 'usage',
    message: `"${text}" ${why}. Expected a finite number, such as 0.1 or 8/255.`,
  });
}
