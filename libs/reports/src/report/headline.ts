import { aheadOf, type StandingDifference } from './compare-models';
import type { ModelStanding } from './standings';

/** What the standing of models comes to: the first thing that somebody wants to know of a run. */
export interface Headline {
  /**
   * `falls`: every model falls, and none is named; `leads`: one defense is ahead of all others; `tied`: the best are
   * within noise; `not-ahead`: no defense is ahead of what is undefended; `single`: one model, or nothing but baselines;
   * `not-established`: what it would say rests on a figure that is not; `nothing`: there is nothing to attack.
   */
  readonly kind: 'not-established' | 'falls' | 'leads' | 'tied' | 'not-ahead' | 'single' | 'nothing';
  readonly title: string;
  readonly text: string;
  /** The models that it names as the best. */
  readonly best: readonly string[];
}

/** From this success on a model has fallen: fewer than one in twenty of its instances stand. */
export const FALLEN = 0.95;

/** Attacks that a headline names one by one, at the most. */
const NAMED = 4;

interface Stand {
  readonly mode: 'static' | 'adaptive';
  readonly attacks: readonly string[];
  readonly models: readonly ModelStanding[];
  /** Labels of the models that have met every attack. */
  readonly compared: ReadonlySet<string>;
  readonly differences: readonly StandingDifference[];
}

/** Never crowns what is undefended, and no model where all of them fall. */
export function headlineOf(stand: Stand): Headline {
  const headline = onFooting(judged(stand), stand);
  const replayed = stand.mode === 'static' && headline.kind !== 'falls' && headline.kind !== 'nothing';
  const title = headline.title.replace(/^Most robust:/, 'Most robust to replayed examples:');
  return replayed
    ? { ...headline, title, text: `${headline.text} Replayed examples only: no proof of robustness.` }
    : headline;
}

/** A fall is one however it came about; a figure that a defense is praised for must be established. */
function onFooting(headline: Headline, { models, compared }: Stand): Headline {
  const praised = headline.kind === 'single' ? [...compared] : headline.best;
  const doubtful = models.filter(({ model, established }) => !established && praised.includes(model));
  if (headline.kind === 'falls' || doubtful.length === 0) return headline;
  const names = listed(doubtful.map(({ model }) => model));
  return {
    kind: 'not-established',
    title: `Not established: ${names}`,
    text: `${headline.text} An open finding of severity "high" leaves that figure standing on nothing: see what makes figures doubtful.`,
    best: [],
  };
}

function judged({ attacks, models, compared, differences }: Stand): Headline {
  const met = models
    .filter(({ model }) => compared.has(model))
    .toSorted((a, b) => b.robustAccuracy.value - a.robustAccuracy.value);
  const [first] = met;
  if (attacks.length === 0) return nothing('No attack answers this threat.');
  if (!first) return nothing('There is nothing to attack: no model gets any of the attacked instances right.');
  if (met.every(({ success }) => success.value >= FALLEN)) return falls(met);

  const defenses = met.filter(({ undefended }) => !undefended);
  const baselines = met.filter(({ undefended }) => undefended);
  const [best] = defenses;
  if (met.length === 1)
    return { kind: 'single', title: `Robust accuracy of ${first.model}`, text: told(first), best: [] };
  if (!best) {
    return {
      kind: 'single',
      title: 'No defense to rank',
      text: `${listed(met.map(brief))}. All are undefended.`,
      best: [],
    };
  }
  const ahead = (one: ModelStanding, other: ModelStanding) =>
    aheadOf(one.model, other.model, differences) === 1 && one.robustAccuracy.value > other.robustAccuracy.value;
  const unbeaten = baselines.filter((one) => !ahead(best, one));
  if (unbeaten.length > 0) {
    const than = unbeaten.map(({ model }) => model);
    return {
      kind: 'not-ahead',
      title: `No defense is ahead of the undefended ${listed(than)}`,
      text: `Of the attackable instances ${listed([...unbeaten, best].map(brief))} in the worst case${noise(best, unbeaten, differences)}.`,
      best: [],
    };
  }
  const tied = defenses.filter((one) => one !== best && !ahead(best, one));
  if (tied.length > 0) {
    const names = [best, ...tied];
    return {
      kind: 'tied',
      title: 'No defense stands out',
      text: `Of the attackable instances ${listed(names.map(brief))} in the worst case${noise(best, tied, differences)}.`,
      best: names.map(({ model }) => model),
    };
  }
  const others = met.length - 1;
  return {
    kind: 'leads',
    title: `Most robust: ${best.model}`,
    text: `${told(best)} It is ahead of ${others === 1 ? 'the other model' : others === 2 ? 'both others' : `all ${others} others`} by more than noise${tests(differences, best)}.${beside(baselines)}`,
    best: [best.model],
  };
}

function nothing(text: string): Headline {
  return { kind: 'nothing', title: 'Nothing to say', text, best: [] };
}

function falls(met: readonly ModelStanding[]): Headline {
  const [first] = met as [ModelStanding];
  const alone = first.attacks
    .map(({ attack }) => attack)
    .filter((attack) =>
      met.every((one) => (one.attacks.find((other) => other.attack === attack)?.success.value ?? 0) >= FALLEN),
    );
  const to =
    alone.length === 0
      ? 'its attacks together'
      : alone.length > NAMED
        ? `each of ${alone.length} attacks`
        : listed(alone);
  if (met.length === 1) return { kind: 'falls', title: `${first.model} falls to ${to}`, text: told(first), best: [] };
  const [least, most] = [met[0]!.success, met.at(-1)!.success];
  const range =
    percent(least.value) === percent(most.value)
      ? percent(least.value)
      : `${bare(least.value)} to ${percent(most.value)}`;
  return {
    kind: 'falls',
    title: `Every model falls to ${alone.length === 0 ? 'the attacks together' : to}`,
    text: `The attacks succeed on ${range} of the attackable instances of each of the ${met.length} models (${interval(least)} on ${first.model}): what is left is robust accuracy ${percent(first.robustAccuracy.value)} at most. Where error rates differ all the same, it is by what a model gets wrong without an attack.`,
    best: [],
  };
}

/** A model in a sentence or two. */
function told({ robustAccuracy, success, attackable, attacks }: ModelStanding): string {
  const [fewest, most] = attackable;
  const count = fewest === most ? String(most) : `${fewest} to ${most}`;
  const hardest = attacks.length > 1 && attacks[0] ? `; the hardest on it is ${attacks[0].attack}` : '';
  return `Robust accuracy ${percent(robustAccuracy.value)} (${interval(robustAccuracy)}) of the ${count} attackable ${most === 1 ? 'instance' : 'instances'} in the worst case, attack success ${percent(success.value)} (${interval(success)})${hardest}.`;
}

function brief({ model, robustAccuracy }: ModelStanding): string {
  return `${model} withstands ${percent(robustAccuracy.value)} (${interval(robustAccuracy)})`;
}

function beside(baselines: readonly ModelStanding[]): string {
  if (baselines.length === 0) return '';
  return ` Undefended: ${listed(baselines.map(({ model, robustAccuracy }) => `${model} ${percent(robustAccuracy.value)}`))}.`;
}

/** Whether it is for noise that none is ahead. */
function noise(
  best: ModelStanding,
  others: readonly ModelStanding[],
  differences: readonly StandingDifference[],
): string {
  const within = others.every(({ model }) => aheadOf(best.model, model, differences) === 0);
  return within ? `, which is within noise${tests(differences, best, others)}` : '';
}

/** What tells the model and others apart: ` (McNemar's exact test, p = 0.31)`. */
function tests(
  differences: readonly StandingDifference[],
  { model }: ModelStanding,
  others?: readonly ModelStanding[],
): string {
  const own = differences.filter(
    ({ models }) => models.includes(model) && (!others || others.some((other) => models.includes(other.model))),
  );
  const kinds = new Set(own.map(({ test }) => test));
  if (kinds.size !== 1) return '';
  const [kind] = kinds;
  if (kind === 'intervals') return ' (by their intervals: the instances cannot be paired)';
  if (kind === 'paired-seeds') return ' (the paired interval over the seeds)';
  const values = own.map(({ p }) => p!);
  const least = Math.min(...values);
  const most = Math.max(...values);
  return others
    ? ` (McNemar's exact test on the same instances, p = ${probability(least)}${values.length > 1 ? ' or more' : ''})`
    : ` (McNemar's exact test on the same instances, p = ${probability(most)}${values.length > 1 ? ' or less' : ''})`;
}

function probability(p: number): string {
  return p < 0.001 ? p.toExponential(0) : String(Number(p.toPrecision(2)));
}

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

function interval({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${bare(low)} to ${bare(high)}`;
}

function percent(value: number): string {
  return `${bare(value)}%`;
}

function bare(value: number): string {
  return (100 * value).toFixed(1);
}
