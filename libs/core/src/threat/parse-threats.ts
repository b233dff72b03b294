import { RampartError } from '../error';
import { formatNumber, parseNumber } from '../fraction';
import { unknownName } from '../registry';
import type { NormName } from './norm';
import { NORMS } from './norms';
import type { Threat } from './threat-model';

/** The norm's name, then perhaps brackets, with perhaps `epsilon=` and a text that should be a number. */
const FORM = /^\s*([a-z][\w-]*)\s*(?:\(\s*(?:epsilon\s*=)?([^()=,]*)\)\s*)?$/i;

/**
 * Reads one threat: `linf(8/255)`, `linf(epsilon=0.3)`, `l0(20)`.
 * @throws RampartError `usage` for an unknown norm, and for an epsilon that is missing, not finite, not above 0, or for
 * l0 not a number of features
 */
export function parseThreat(text: string): Threat {
  const [, name, written = ''] = FORM.exec(text) ?? [];
  if (name === undefined) throw bad(text, 'is no threat', 'linf');
  if (!isNorm(name)) throw unknownName('norm', name, Object.keys(NORMS));
  if (written.trim() === '') throw bad(text, 'has no epsilon', name);
  const threat = { norm: name, epsilon: epsilonOf(text, name, written) };
  if (!(threat.epsilon > 0)) throw bad(text, 'has an epsilon that is not above 0', name);
  if (name === 'l0' && !Number.isInteger(threat.epsilon)) {
    throw bad(text, 'does not count features: its epsilon is not whole', name);
  }
  return threat;
}

/**
 * Reads threats parted by commas, `linf(8/255),l2(0.5)`, or one an item.
 * @throws RampartError `usage` as `parseThreat` does, and for a threat that is given twice
 */
export function parseThreats(texts: string | readonly string[]): Threat[] {
  // A comma inside brackets parts nothing.
  const items = typeof texts === 'string' ? texts.split(/,(?![^(]*\))/) : texts;
  const threats = new Map<string, Threat>();
  for (const item of items) {
    const threat = parseThreat(item);
    const name = formatThreat(threat);
    if (threats.has(name)) {
      throw new RampartError({
        code: 'usage',
        message: `The threat ${name} is given twice. Expected each threat once: leave one of the two out.`,
      });
    }
    threats.set(name, threat);
  }
  return [...threats.values()];
}

/** The text that `parseThreat` reads back as the same threat: `linf(0.3)`, `linf(8/255)`. */
export function formatThreat({ norm, epsilon }: Threat): string {
  return `${norm}(${formatNumber(epsilon)})`;
}

function epsilonOf(text: string, norm: NormName, written: string): number {
  try {
    return parseNumber(written);
  } catch (error) {
    throw bad(text, 'has an epsilon that is no finite number', norm, error);
  }
}

function isNorm(name: string): name is NormName {
  return Object.hasOwn(NORMS, name);
}

function bad(text: string, why: string, norm: NormName, cause?: unknown): RampartError {
  const expected =
    norm === 'l0'
      ? 'l0(epsilon) with the number of features that may change, from 1 on, such as l0(20)'
      : `norm(epsilon) with a number above 0 in the units of the pixel box, such as ${norm}(${EXAMPLES[norm]})`;
  return new RampartError({
    code: 'usage',
    message: `"${text.trim()}" ${why}. Expected ${expected}.`,
    ...(cause !== undefined && { cause }),
  });
}

const EXAMPLES = { linf: '8/255', l2: '0.5', l1: '12' };
