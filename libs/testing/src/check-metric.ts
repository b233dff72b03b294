import { type Estimate, type MetricDefinition, type Outcome, type Parameters, Registry, Rng } from '@rampart/core';

import { Broken, demand, describeLaws, judge, type Law, type LawCheck } from './law';
import { empty, outcomes, repeated, reversed, uniform } from './metric-outcomes';

export interface MetricCheckOptions {
  /** Parameters to check it with; its defaults when left out. */
  readonly params?: Parameters;
}

/** Proves that a metric behaves, on outcomes drawn at random. Every law is named in `Law.name`. */
export async function checkMetric(definition: MetricDefinition, options: MetricCheckOptions = {}): Promise<Law[]> {
  return judge(metricLaws(definition, options));
}

/** `checkMetric` as one test a law. */
export function describeMetric(definition: MetricDefinition, options: MetricCheckOptions = {}): void {
  describeLaws(`metric ${definition.name}`, metricLaws(definition, options));
}

/** The laws of metrics, as checks to run. */
export function metricLaws(definition: MetricDefinition, options: MetricCheckOptions): LawCheck[] {
  const compute = (outcome: Outcome, seed = 1): Estimate | undefined => {
    const registry = new Registry<MetricDefinition>('metric', [definition]);
    const metric = registry.resolve({ name: definition.name, params: options.params ?? {} });
    return metric.definition.compute(metric.params, outcome, Rng.root(seed));
  };
  const estimate = (outcome: Outcome, seed?: number): Estimate => {
    const result = compute(outcome, seed);
    if (!result) throw new Broken('It measures nothing on an outcome with attacked instances and all their costs.');
    return result;
  };
  return [
    {
      name: 'gives a finite value inside its interval',
      check() {
        for (const outcome of outcomes()) {
          const { value, low, high } = estimate(outcome);
          demand(
            [value, low, high].every(Number.isFinite) && low <= value && value <= high,
            () => `Expected finite numbers with low <= value <= high. Received ${low}, ${value}, ${high}.`,
          );
        }
      },
    },
    {
      name: 'keeps to the range of its unit',
      check() {
        for (const outcome of [...outcomes(), uniform(true), uniform(false)]) {
          const { value, low, high } = estimate(outcome);
          const most = definition.unit === 'fraction' ? 1 : Infinity;
          demand(
            low >= 0 && high <= most,
            () =>
              `A metric in ${definition.unit} lies in [0, ${most}]. Received ${value} with interval [${low}, ${high}].`,
          );
        }
      },
    },
    {
      name: 'counts the observations that it rests on',
      check() {
        for (const outcome of outcomes()) {
          const { count } = estimate(outcome);
          demand(
            count === outcome.labels.length || count === outcome.attacked.length,
            () =>
              `It reports ${count} observations. The outcome has ${outcome.labels.length} test instances, ${outcome.attacked.length} of them attacked.`,
          );
        }
      },
    },
    {
      name: 'gives the same estimate for the same seed',
      check() {
        for (const outcome of outcomes()) {
          const [first, second] = [estimate(outcome), estimate(outcome)];
          demand(
            same(first, second),
            () => `It gave ${show(first)}, then ${show(second)}. Draw from the generator that it is handed.`,
          );
        }
      },
    },
    {
      name: 'gives the same value for every seed and every order of the instances',
      check() {
        for (const outcome of outcomes()) {
          const { value } = estimate(outcome);
          for (const other of [estimate(outcome, 2), estimate(reversed(outcome))]) {
            demand(
              Math.abs(other.value - value) <= 1e-9 * Math.abs(value),
              () => `It gave ${value}, and for another seed or order ${other.value}. Only the interval may be random.`,
            );
          }
        }
      },
    },
    {
      name: 'is surer of more observations',
      check() {
        for (const outcome of outcomes()) {
          const few = estimate(outcome);
          const many = estimate(repeated(outcome, 9));
          demand(
            Math.abs(many.value - few.value) <= 1e-9 * Math.abs(few.value),
            () => `The same instances nine times over changed its value from ${few.value} to ${many.value}.`,
          );
          const [narrow, wide] = [many.high - many.low, few.high - few.low];
          demand(
            narrow <= wide / 2 || wide === 0,
            () =>
              `Nine times the observations changed the width of its interval from ${wide} to ${narrow}. Expected about a third.`,
          );
        }
      },
    },
    {
      name: 'measures nothing where there is nothing to measure',
      check() {
        const nothing = compute(empty());
        demand(
          nothing === undefined,
          () => `Of a test set without instances it gave ${show(nothing!)}. Expected undefined.`,
        );
      },
    },
    {
      name: 'never passes NaN on',
      check() {
        const outcome = outcomes()[0]!;
        let result: Estimate | undefined;
        try {
          result = compute({ ...outcome, distortions: outcome.distortions.map((value, i) => (i === 3 ? NaN : value)) });
        } catch {
          return;
        }
        demand(
          result === undefined || [result.value, result.low, result.high].every(Number.isFinite),
          () => `From an outcome with a distortion of NaN it made ${show(result!)}. Throw a RampartError instead.`,
        );
      },
    },
    {
      name: 'leaves the outcome alone',
      check() {
        for (const outcome of outcomes()) {
          const before = JSON.stringify(outcome);
          estimate(outcome);
          demand(JSON.stringify(outcome) === before, () => 'It changed the outcome that it measures. Work on a copy.');
        }
      },
    },
  ];
}

function same(a: Estimate, b: Estimate): boolean {
  return a.value === b.value && a.low === b.low && a.high === b.high && a.count === b.count;
}

function show({ value, low, high }: Estimate): string {
  return `${value} [${low}, ${high}]`;
}
