/** A step that is not finished. */
export interface OpenStep {
  readonly kind: string;
  readonly label: string;
  /** Seconds since it was begun; undefined while it waits. */
  readonly elapsed?: number | undefined;
  /** The part of it that is done, from 0 to 1. */
  readonly fraction?: number | undefined;
}

/** Below this part a step says too little about how long it takes. */
const TELLING = 0.05;

interface Mean {
  readonly seconds: number;
  readonly count: number;
}

/** How long steps take, learnt from those that are finished. */
export class StepDurations {
  private readonly means = new Map<string, Mean>();
  /** By label: a prediction goes through every open step. */
  private readonly likenesses = new Map<string, readonly string[]>();

  /** @param usual seconds by kind, for kinds of which nothing was learnt yet */
  constructor(private readonly usual: Readonly<Record<string, number>> = {}) {}

  /** @param count how many steps the seconds are the mean of */
  learn(kind: string, label: string, seconds: number, count = 1): void {
    for (const key of this.likenessesOf(kind, label)) {
      const known = this.means.get(key) ?? { seconds: 0, count: 0 };
      const total = known.count + count;
      this.means.set(key, { seconds: (known.seconds * known.count + seconds * count) / total, count: total });
    }
  }

  /** Seconds that a step takes from its beginning to its end; undefined where nothing is known of its kind. */
  expect(kind: string, label: string): number | undefined {
    for (const key of this.likenessesOf(kind, label)) {
      const mean = this.means.get(key);
      if (mean) return mean.seconds;
    }
    return this.usual[kind];
  }

  private likenessesOf(kind: string, label: string): readonly string[] {
    const name = `${kind} ${label}`;
    const known = this.likenesses.get(name) ?? likenesses(kind, label);
    this.likenesses.set(name, known);
    return known;
  }
}

/**
 * Predicts how many seconds it takes until all steps are finished. A step that is under way tells by its pace, the more
 * the further it is; others are expected to take what those most like them take: of the same label, of the same label
 * with another seed, with the same attack or defense, of the same kind.
 * @param workers steps under way at once
 * @returns undefined where nothing is known of some kind of step
 */
export function remainingSeconds(
  open: readonly OpenStep[],
  durations: StepDurations,
  workers: number,
): number | undefined {
  const paced = open.map(({ elapsed, fraction = 0 }) =>
    elapsed !== undefined && elapsed > 0 && fraction >= TELLING ? elapsed / fraction : undefined,
  );
  const underWay = new StepDurations();
  open.forEach(({ kind, label }, i) => paced[i] !== undefined && underWay.learn(kind, label, paced[i]));
  let [sum, longest] = [0, 0];
  for (const [i, { kind, label, elapsed = 0, fraction = 0 }] of open.entries()) {
    const expected = durations.expect(kind, label) ?? underWay.expect(kind, label);
    const pace = paced[i];
    const whole =
      pace === undefined ? expected : expected === undefined ? pace : fraction * pace + (1 - fraction) * expected;
    if (whole === undefined) return undefined;
    const left = fraction > 0 ? whole * (1 - fraction) : Math.max(0, whole - elapsed);
    sum += left;
    longest = Math.max(longest, left);
  }
  return Math.max(longest, sum / Math.max(1, Math.min(workers, open.length)));
}

/** A prediction as it is told: `about 12 s left`, `about 3 min left`, `about 2 h 5 min left`. */
export function timeLeftText(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (seconds <= 59) return `about ${Math.max(1, Math.ceil(seconds))} s left`;
  if (minutes < 60) return `about ${minutes} min left`;
  return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

/** Below so many seconds what was done says little about the pace. */
const TELLING_SECONDS = 1;

/**
 * How fast a step gets on: `31 instances/s`, `4.5 epochs/min`, `2.0 rounds/h`.
 * @param done units of work
 * @param seconds that it took
 * @returns undefined where it is too early to tell
 */
export function paceText(done: number, seconds: number, unit: string): string | undefined {
  if (done <= 0 || seconds < TELLING_SECONDS) return undefined;
  const rate = done / seconds;
  const [per, name] = rate >= 1 ? [1, 's'] : rate >= 1 / 60 ? [60, 'min'] : [3600, 'h'];
  const shown = rate * per;
  return `${shown < 10 ? shown.toFixed(1) : Math.round(shown).toLocaleString('en')} ${unit}/${name}`;
}

/** What a step is compared by, the closest first: labels end with the attack or defense, part and seed. */
function likenesses(kind: string, label: string): string[] {
  const bare = label.replace(/, seed \d+$/, '').replace(/ \(\d+ of \d+\)$/, '');
  const method = / (?:by|under|with) (.*)$/.exec(bare)?.[1] ?? '';
  return [`label ${kind} ${label}`, `bare ${kind} ${bare}`, `method ${kind} ${method}`, `kind ${kind}`];
}
