import { wilson } from '@rampart/core';

import { type ModelRecord, type Outcomes, OUTCOMES, type RobustnessRecord } from '@rampart/results';
import { aheadOf, compareIntervals, comparePaired, type Kept, type StandingDifference } from './compare-models';
import type { Evaluation } from './evaluations';
import { findingsAbout, isEstablished, placeKey, type ReportedFinding } from './findings';
import { groupBy } from './group-by';
import { type Headline, headlineOf } from './headline';
import { type Measured, overSeeds } from './over-seeds';
import { componentOf } from './robustness';

/** What one attack did to a model, over the instances that could be attacked. */
export interface StandingAttack {
  readonly attack: string;
  /** The share that evades. */
  readonly success: Measured;
  /** How many of them it left as they were, in the seed with the most. */
  readonly unmoved: number;
}

/** How one model stands up to the attacks: over the instances that could be attacked, those it gets right without. */
export interface ModelStanding {
  readonly model: string;
  /** Trained as it is, without a defense: a baseline, which is never ranked. */
  readonly undefended: boolean;
  /**
   * Among the defenses, 1 more than there are that are ahead of it by more than noise: those that noise does not tell
   * apart share a rank. Undefined for a baseline, and where there is nothing to rank.
   */
  readonly rank: number | undefined;
  /** The share that stays right under every attack, instance by instance, and the rest: the success of the attacks. */
  readonly robustAccuracy: Measured;
  readonly success: Measured;
  /** Of the attacked instances, the share that is right without an attack: that could be attacked. */
  readonly cleanAccuracy: Measured;
  readonly attacked: number;
  /** The fewest and the most over the seeds. */
  readonly attackable: readonly [fewest: number, most: number];
  readonly evaded: readonly [fewest: number, most: number];
  /** How many no attack moved, in the seed with the most: not attacked, which is no resistance. */
  readonly unmoved: number;
  /** False where an open finding of severity `high` leaves the figures standing on nothing: such a model is not ranked. */
  readonly established: boolean;
  /** Whether every seed repeats the same measurement: a fixed file under attacks that draw nothing. */
  readonly repeated: boolean;
  /** Each by itself, the most successful first. */
  readonly attacks: readonly StandingAttack[];
}

/** How the models of a run stand up to its attacks: what a summary begins with. */
export interface StandingTable {
  readonly mode: 'static' | 'adaptive';
  /** `linf(8/255)`; undefined for whatever the attacks found, however far they went. */
  readonly threat: string | undefined;
  readonly attacks: readonly string[];
  readonly headline: Headline;
  /** Those that stand up best first. */
  readonly models: readonly ModelStanding[];
  /** Of every two models that met the same attacks. */
  readonly differences: readonly StandingDifference[];
  readonly notes: readonly string[];
}

/** What standings are made of. */
export interface StandingInput {
  readonly models: readonly ModelRecord[];
  /** Labels of models that were trained as they are. */
  readonly undefended: ReadonlySet<string>;
  readonly evaluations: readonly Evaluation[];
  /** What came of the instances, by the key of the evaluation. */
  readonly outcomes: ReadonlyMap<string, Outcomes>;
  /** What makes figures doubtful. */
  readonly findings: readonly ReportedFinding[];
  /** What remedies broke in a run without threats: positions by `placeKey`. */
  readonly remedied: ReadonlyMap<string, ReadonlySet<number>>;
  /** Records of a run with threats. */
  readonly robustness: readonly RobustnessRecord[];
  /** Whether the run asks about threats: then nothing else makes a headline, also before the first is answered. */
  readonly threatened: boolean;
}

/** One for each threat and way of making examples, attacks on the models themselves first. */
export function standingTables(input: StandingInput): StandingTable[] {
  const seeds = seedStandings(input);
  return (['adaptive', 'static'] as const).flatMap((mode) =>
    groupBy(
      seeds.filter((one) => one.mode === mode),
      ({ threat }) => threat ?? '',
    ).map((own) => tableOf(own, input)),
  );
}

/** How one model stands up to the attacks with one seed. */
export interface SeedStanding {
  readonly model: string;
  readonly seed: number;
  readonly mode: 'static' | 'adaptive';
  readonly threat: string | undefined;
  readonly counts: Counts;
  /** What it got right of the instances; undefined where these are not stored. */
  readonly kept: Kept | undefined;
  /** What it got right of them without an attack. */
  readonly known: Kept | undefined;
  readonly digits: string | undefined;
  readonly attacks: readonly {
    readonly attack: string;
    /** Whether every model of the run meets it. */
    readonly common: boolean;
    readonly attackable: number;
    readonly evaded: number;
    readonly unmoved: number;
    readonly kept: Kept | undefined;
  }[];
}

/** Of the attacked instances. */
export interface Counts {
  readonly attacked: number;
  readonly attackable: number;
  readonly evaded: number;
  readonly unmoved: number;
}

/** Under the threats of a run that asks about them, else whatever the distance: one for each model, mode and seed. */
export function seedStandings(input: StandingInput): SeedStanding[] {
  return input.threatened ? underThreats(input) : whateverTheDistance(input);
}

/** What an attack is called that stands for all remedies of findings. */
const REMEDIES = 'remedies of the findings';

function whateverTheDistance({ evaluations, outcomes, remedied }: StandingInput): SeedStanding[] {
  return groupBy(evaluations, ({ model, mode, seed }) => JSON.stringify([model, mode, seed])).flatMap((own) => {
    const { model, mode, seed } = own[0]!;
    const found = own.flatMap(({ attack, evaluateStep }) => {
      const of = outcomes.get(evaluateStep);
      return of ? [{ attack, ...of }] : [];
    });
    const [first] = found;
    if (!first) return [];
    const broken = remedied.get(placeKey({ model, mode, seed }));
    if (broken) found.push({ ...first, attack: REMEDIES, digits: withBroken(first.digits, broken) });
    const digits = worstOf(found.map((one) => one.digits));
    const { testIndices } = first;
    const attacks = found.map((one) => {
      const { attackable, evaded, unmoved } = countsOf(one.digits);
      const right = { seed, testIndices: one.testIndices, right: keptOf(one.digits) };
      // What a doubt about one model led to is no attack that others have met too.
      const common = one.attack !== REMEDIES;
      return { attack: one.attack, common, attackable, evaded, unmoved: common ? unmoved : 0, kept: right };
    });
    const kept = { seed, testIndices, right: keptOf(digits) };
    const known = { seed, testIndices, right: knownOf(digits) };
    return [{ model, mode, seed, threat: undefined, counts: countsOf(digits), kept, known, digits, attacks }];
  });
}

/** What came of instances under remedies alone: those broken evade, of the others it says nothing. */
function withBroken(digits: string, broken: ReadonlySet<number>): string {
  return Array.from(digits, (digit, position) => {
    if (digit === MISCLASSIFIED) return digit;
    return broken.has(position) ? EVADED : UNMOVED;
  }).join('');
}

function underThreats({ evaluations, outcomes, robustness }: StandingInput): SeedStanding[] {
  return robustness.map((record) => {
    const { model, mode, seed, threat, attackable, attacked, digits, instances } = {
      ...record,
      digits: record.outcomes,
    };
    const of = (attack: string) => {
      const evaluation = evaluations.find(
        (one) => one.model === model && one.mode === mode && one.seed === seed && one.attack === attack,
      );
      return evaluation && outcomes.get(evaluation.evaluateStep);
    };
    const attacks = record.attacks
      .filter(({ attack }) => componentOf(attack, record.attacks) === undefined)
      .map(({ attack, successRate, attackSteps }) => {
        const own = of(attack);
        const evaded = Math.round(successRate * attackable);
        // An example counts within the threat alone: of which instances is known where all that evade are within.
        const within = own !== undefined && countsOf(own.digits).evaded === evaded;
        return {
          attack,
          // What a doubt about one model led to besides is no attack that others have met too.
          common: attackSteps.length > 0,
          attackable,
          evaded,
          unmoved: countsOf(own?.digits ?? '').unmoved,
          kept: within ? { seed, testIndices: own.testIndices, right: keptOf(own.digits) } : undefined,
        };
      });
    const [testIndices] = attacks.flatMap(({ attack }) => of(attack)?.testIndices ?? []);
    const lost = Math.round((record.cleanAccuracy - record.robustAccuracy) * instances);
    const evaded = Math.min(attackable, Math.max(0, lost));
    const unmoved = digits === undefined ? 0 : countsOf(digits).unmoved;
    const paired = digits !== undefined && testIndices !== undefined;
    return {
      ...{ model, mode, seed, threat, digits, attacks, counts: { attacked, attackable, evaded, unmoved } },
      kept: paired ? { seed, testIndices, right: keptOf(digits) } : undefined,
      known: paired ? { seed, testIndices, right: knownOf(digits) } : undefined,
    };
  });
}

function tableOf(seeds: readonly SeedStanding[], input: StandingInput): StandingTable {
  const { mode, threat } = seeds[0]!;
  const byModel = groupBy(seeds, ({ model }) => model);
  const commonOf = (one: SeedStanding) => one.attacks.filter(({ common }) => common);
  const attacks = [...new Set(seeds.flatMap((one) => commonOf(one).map(({ attack }) => attack)))];
  const standings = byModel.map((own) => standingOf(own, input));
  // A run that goes on has models that have not met every attack yet: they are not compared with those that have.
  const met = byModel.filter(
    (own, index) => own.every((one) => commonOf(one).length === attacks.length) && standings[index]!.attackable[1] > 0,
  );
  const differences = met.flatMap((one, index) =>
    met.slice(index + 1).map((other) => differenceOf(one, other, standings)),
  );
  const headline = headlineOf({
    mode,
    attacks,
    models: standings,
    compared: new Set(met.map((own) => own[0]!.model)),
    differences,
  });
  const ranked =
    headline.kind === 'falls'
      ? standings
      : standings.map((one) => ({ ...one, rank: rankOf(one, standings, differences) }));
  return {
    ...{ mode, threat, attacks, headline, differences },
    models: ranked.toSorted((a, b) => b.robustAccuracy.value - a.robustAccuracy.value),
    notes: notesOf(mode, standings, differences),
  };
}

function standingOf(seeds: readonly SeedStanding[], { undefended, models, findings }: StandingInput): ModelStanding {
  const { model, mode, threat } = seeds[0]!;
  const about = findingsAbout(findings, { model, mode, ...(threat !== undefined && { threat }) });
  const of = (count: (counts: Counts) => number) => seeds.map(({ counts }) => count(counts));
  const range = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const;
  const files = new Set(models.filter(({ label }) => label === model).map(({ artifact }) => artifact));
  const repeated =
    seeds.length > 1 &&
    files.size === 1 &&
    seeds.every(({ digits }) => digits !== undefined && digits === seeds[0]!.digits);
  const share = (part: (one: SeedStanding) => number, whole: (one: SeedStanding) => number): Measured => {
    const measured = shareOver(seeds, part, whole);
    return repeated ? { ...measured, deviation: undefined } : measured;
  };
  const names = [...new Set(seeds.flatMap(({ attacks }) => attacks.map(({ attack }) => attack)))];
  return {
    model,
    undefended: undefended.has(model),
    rank: undefined,
    robustAccuracy: share(
      ({ counts }) => counts.attackable - counts.evaded,
      ({ counts }) => counts.attackable,
    ),
    success: share(
      ({ counts }) => counts.evaded,
      ({ counts }) => counts.attackable,
    ),
    cleanAccuracy: share(
      ({ counts }) => counts.attackable,
      ({ counts }) => counts.attacked,
    ),
    attacked: seeds[0]!.counts.attacked,
    attackable: range(of(({ attackable }) => attackable)),
    evaded: range(of(({ evaded }) => evaded)),
    unmoved: Math.max(...of(({ unmoved }) => unmoved)),
    established: isEstablished(about),
    repeated,
    attacks: names
      .map((name): StandingAttack => {
        const own = (one: SeedStanding) => one.attacks.find(({ attack }) => attack === name);
        return {
          attack: name,
          success: share(
            (one) => own(one)?.evaded ?? 0,
            (one) => own(one)?.attackable ?? 0,
          ),
          unmoved: Math.max(...seeds.map((one) => own(one)?.unmoved ?? 0)),
        };
      })
      .toSorted((a, b) => b.success.value - a.success.value),
  };
}

function differenceOf(
  first: readonly SeedStanding[],
  second: readonly SeedStanding[],
  standings: readonly ModelStanding[],
): StandingDifference {
  const models = [first[0]!.model, second[0]!.model] as const;
  const kept = (seeds: readonly SeedStanding[]) => seeds.flatMap((one) => one.kept ?? []);
  const [a, b] = [kept(first), kept(second)];
  const whole = a.length === first.length && b.length === second.length;
  const figure = (model: string) => standings.find((one) => one.model === model)!.robustAccuracy;
  const paired = whole ? comparePaired(a, b) : undefined;
  return { models, ...(paired ?? compareIntervals(figure(models[0]), figure(models[1]))) };
}

function rankOf(
  { model, undefended, established }: ModelStanding,
  standings: readonly ModelStanding[],
  differences: readonly StandingDifference[],
): number | undefined {
  const rivals = standings.filter((one) => !one.undefended && one.established && one.model !== model);
  const compared = differences.some(({ models }) => models.includes(model));
  if (undefended || !established || !compared || rivals.length === 0) return undefined;
  return 1 + rivals.filter((one) => aheadOf(one.model, model, differences) === 1).length;
}

function notesOf(
  mode: StandingTable['mode'],
  standings: readonly ModelStanding[],
  differences: readonly StandingDifference[],
): string[] {
  const notes: string[] = [];
  for (const { model, attacks, attackable, unmoved } of standings) {
    for (const { attack, unmoved: left } of attacks) {
      if (left === 0) continue;
      notes.push(
        `${attack} left ${left} of the ${attackable[1]} attackable instances of ${model} as they were: not attacked${mode === 'adaptive' ? ' (zero gradient, or no step that helped)' : ''}, which is no resistance.`,
      );
    }
    if (unmoved > 0 && attacks.length > 1)
      notes.push(`No attack moved ${unmoved} of the attackable instances of ${model}.`);
  }
  const repeated = standings.filter((one) => one.repeated).map(({ model }) => model);
  if (repeated.length > 0) {
    notes.push(
      `The seeds repeat the same measurement of ${repeated.join(', ')}: the file is fixed, and the attacks find the same with each. They make no figure surer.`,
    );
  }
  if (differences.some(({ test }) => test === 'intervals')) {
    notes.push(
      'Instances of some models cannot be paired, for want of what came of each: there, models are told apart by intervals that do not overlap, and not by a paired test.',
    );
  }
  return notes;
}

/** The share of some instances among others, with Wilson's interval of each seed. */
export function shareOver(
  seeds: readonly SeedStanding[],
  part: (one: SeedStanding) => number,
  whole: (one: SeedStanding) => number,
): Measured {
  const figures = seeds.map((one) => {
    // Of none, any share is possible.
    const { value, low, high } = wilson(part(one), whole(one)) ?? { value: 0, low: 0, high: 1 };
    return { value, low, high, unit: 'fraction' };
  });
  return overSeeds(figures)!;
}

/** What came of each instance under all attacks: the worst of what came of it under one. */
export function worstOf(all: readonly string[]): string {
  const [first = ''] = all;
  return Array.from(first, (_, place) => {
    const own = all.map((digits) => digits[place]);
    return [MISCLASSIFIED, EVADED, RESISTED].find((digit) => own.includes(digit)) ?? UNMOVED;
  }).join('');
}

/** 1 where an instance is right and stays right. */
export function keptOf(digits: string): Uint8Array {
  return Uint8Array.from(digits, (digit) => Number(digit === RESISTED || digit === UNMOVED));
}

/** 1 where an instance is right without an attack. */
function knownOf(digits: string): Uint8Array {
  return Uint8Array.from(digits, (digit) => Number(digit !== MISCLASSIFIED));
}

export function countsOf(digits: string): Counts {
  const count = (wanted: string) => digits.split(wanted).length - 1;
  const attacked = digits.length;
  return { attacked, attackable: attacked - count(MISCLASSIFIED), evaded: count(EVADED), unmoved: count(UNMOVED) };
}

const [RESISTED, EVADED, MISCLASSIFIED, UNMOVED] = (['resisted', 'evaded', 'misclassified', 'unmoved'] as const).map(
  (outcome) => String(OUTCOMES.indexOf(outcome)),
) as [string, string, string, string];
