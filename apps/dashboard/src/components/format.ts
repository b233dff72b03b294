/** How figures are written, in one place. */

/** `48.7%`, `0.15%`, `0.045%`: small rates with more digits, since there a tenth of a percent is a lot. */
export function percent(value: number): string {
  // What arithmetic leaves of nothing is nothing.
  const scaled = Math.abs(value) < 1e-9 ? 0 : value * 100;
  const size = Math.abs(scaled);
  if (size > 0 && size < 0.0995) return `${scaled.toPrecision(2)}%`;
  return `${scaled.toFixed(size > 0 && size < 0.995 ? 2 : 1)}%`;
}

/** A figure of a metric in its unit. */
export function figure(value: number, unit: string): string {
  if (unit === 'fraction') return percent(value);
  if (unit === 'pixel units') return value.toFixed(4);
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}

/** The bounds of an interval of rates, for sentences: `86.2 to 94.2%`. */
export function between(low: number, high: number): string {
  return `${percent(low).replace('%', '')} to ${percent(high)}`;
}

/** The time of one instance: `0.4 ms`, `12 ms`, `3.4 s`. */
export function shortTime(seconds: number): string {
  if (seconds >= 1) return duration(seconds);
  const milliseconds = seconds * 1000;
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/** The difference of two figures, with its sign; that of rates in percentage points. */
export function difference(value: number, unit: string): string {
  const size = Math.abs(value);
  const text = unit === 'fraction' ? (size * 100).toFixed(size < 0.00095 ? 2 : 1) : figure(size, unit);
  if (Number(text.replaceAll(',', '')) === 0) return `±${text}`;
  return `${value > 0 ? '+' : '−'}${text}`;
}

/** `1 h 4 min`, `2 min 5 s`, `8.2 s`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Work done of a step in whole units, a part of a large unit in percent: `12 of 40 instances`, `7% of 3 rounds`. */
export function doneOf(done: number, total: number, unit = ''): string {
  const of = `of ${total.toLocaleString('en')} ${total === 1 ? unit.replace(/s$/, '') : unit}`.trim();
  if (Number.isInteger(done)) return `${done.toLocaleString('en')} ${of}`;
  return `${Math.min(99, Math.floor((done / total) * 100))}% ${of}`;
}

// Made once: `toLocaleString` makes one of its own each time, and a long table has hundreds of times.
const MOMENTS = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** `22 Nov 2026, 11:46`, in UTC so that server and browser write the same. */
export function moment(time: number): string {
  return MOMENTS.format(time);
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? one : many}`;
}

const METRIC_NAMES: Readonly<Record<string, string>> = {
  'robust-accuracy': 'Robust accuracy',
  'attack-success': 'Attack success',
  'error-rate': 'Error rate',
  recall: 'Recall',
  'success-rate': 'Success rate of the attack',
  distortion: 'Distortion',
  'gradient-evaluations': 'Gradient evaluations',
  'forward-evaluations': 'Forward evaluations',
  iterations: 'Iterations',
};

export function metricName(metric: string): string {
  return METRIC_NAMES[metric] ?? metric;
}

/** What the attacks of a mode stand for, in one line. */
export const MODE_TEXT = {
  clean: 'No attack: the unmodified test set.',
  static: 'Transfer: examples made against the undefended model and replayed. A low figure is no proof of robustness.',
  adaptive: 'Adaptive: examples made against each model itself, its defense included.',
} as const;
