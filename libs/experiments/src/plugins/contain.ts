import type { ArchitectureDefinition } from '@rampart/models';
import {
  type AttackDefinition,
  type AttackProblem,
  type AttackSearch,
  type AuditDefinition,
  type ComponentDefinition,
  type DatasetDefinition,
  type DefenseDefinition,
  isRampartError,
  messageOf,
  type MetricDefinition,
  NORMS,
  RampartError,
  type SearchResult,
  type ThreatModel,
  withinContract,
} from '@rampart/core';

import type { LoadedPlugin } from './load-plugin';

/** Leaving box or budget by less than this is rounding. */
const ROUNDING = 1e-5;

/**
 * A plugin's component as the runner uses it: the same, but that what it does wrong ends its own step with the
 * plugin's name on the error, instead of being corrected silently or found out later.
 */
export function contain(definition: ComponentDefinition, plugin: LoadedPlugin): ComponentDefinition {
  const marked = { ...definition, origin: `plugin ${plugin.name} ${plugin.version}, ${plugin.content.slice(0, 16)}` };
  const guard = new Guard(`Plugin "${plugin.name}", ${definition.kind} "${definition.name}"`);
  switch (definition.kind) {
    case 'attack':
      return containedAttack(marked as unknown as AttackDefinition, guard);
    case 'defense': {
      const { harden } = marked as unknown as DefenseDefinition;
      return { ...marked, harden: guard.async(harden) } as ComponentDefinition;
    }
    case 'dataset': {
      const { load } = marked as unknown as DatasetDefinition;
      return { ...marked, load: guard.async(load) } as ComponentDefinition;
    }
    case 'metric':
      return containedMetric(marked as unknown as MetricDefinition, guard);
    case 'audit':
      return containedAudit(marked as unknown as AuditDefinition, guard);
    default: {
      const { build } = marked as unknown as ArchitectureDefinition;
      return { ...marked, build: guard.sync(build) } as ComponentDefinition;
    }
  }
}

/** Puts the component's name on every error. */
class Guard {
  constructor(private readonly who: string) {}

  fail(what: string, cause?: unknown): RampartError {
    const code = isRampartError(cause) ? cause.code : 'contract';
    return new RampartError({ code, message: `${this.who}: ${what}`, cause });
  }

  sync<A extends unknown[], R>(work: (...args: A) => R): (...args: A) => R {
    return (...args) => {
      try {
        return work(...args);
      } catch (error) {
        throw this.named(error);
      }
    };
  }

  async<A extends unknown[], R>(work: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
    return async (...args) => {
      try {
        return await work(...args);
      } catch (error) {
        throw this.named(error);
      }
    };
  }

  private named(error: unknown): unknown {
    if (isRampartError(error) && (error.code === 'cancelled' || error.message.startsWith(this.who))) return error;
    return this.fail(messageOf(error), error);
  }
}

function containedAttack(definition: AttackDefinition, guard: Guard): AttackDefinition {
  return {
    ...definition,
    threat: guard.sync(definition.threat),
    create: guard.sync((params) => {
      const threat = definition.threat(params);
      const search = definition.create(params);
      return guard.async<Parameters<AttackSearch>, SearchResult>(async (problem) => {
        const originals = problem.originals.slice();
        const visible = withinContract(problem, (property) => {
          throw guard.fail(
            `it reads problem.${property}, which no attack may see. An attack knows labels through margins and gradients only.`,
          );
        });
        const result = await search(visible);
        checkCandidates(result, problem, originals, threat, guard);
        return result;
      });
    }),
  };
}

function checkCandidates(
  result: SearchResult | undefined,
  { count, features, box }: AttackProblem,
  originals: Float32Array,
  threat: ThreatModel,
  guard: Guard,
): void {
  const candidates = result?.candidates;
  // Missing and misshapen results are refused by whoever asked for them.
  if (candidates?.length !== count * features) return;
  const bad = candidates.findIndex((value) => !(value >= box.min - ROUNDING && value <= box.max + ROUNDING));
  if (bad >= 0) {
    const place = `instance ${Math.floor(bad / features)} of its batch, feature ${bad % features}`;
    throw guard.fail(
      Number.isFinite(candidates[bad])
        ? `it leaves the pixel box [${box.min}, ${box.max}]: ${candidates[bad]} for ${place}. Clip candidates to problem.box.`
        : `it returns ${candidates[bad]} for ${place}. See what it divides by or takes a root of.`,
    );
  }
  if (threat.norm === 'none') return;
  const { distance } = NORMS[threat.norm];
  for (let i = 0; i < count; i++) {
    const spent = distance(candidates, originals, i * features, features);
    if (spent > threat.epsilon + ROUNDING) {
      throw guard.fail(
        `it exceeds its budget: instance ${i} of its batch moves by ${spent} in the ${threat.norm} norm, and ${threat.epsilon} is allowed. Project candidates to the budget.`,
      );
    }
  }
}

function containedMetric(definition: MetricDefinition, guard: Guard): MetricDefinition {
  return {
    ...definition,
    compute: guard.sync((params, outcome, rng) => {
      const estimate = definition.compute(params, outcome, rng);
      if (estimate && ![estimate.value, estimate.low, estimate.high, estimate.count].every(Number.isFinite)) {
        throw guard.fail(
          `it gives ${estimate.value} [${estimate.low}, ${estimate.high}] over ${estimate.count}. Expected finite numbers, or undefined where there is nothing to measure.`,
        );
      }
      return estimate;
    }),
  };
}

const SEVERITIES: readonly unknown[] = ['high', 'medium', 'low'];

function containedAudit(definition: AuditDefinition, guard: Guard): AuditDefinition {
  return {
    ...definition,
    inspect: guard.async(async (params, subject) => {
      const doubts = await definition.inspect(params, subject);
      const bad = doubts.find(({ severity, summary }) => !SEVERITIES.includes(severity) || !summary);
      if (bad) {
        throw guard.fail(
          `it returns a doubt of severity ${JSON.stringify(bad.severity)} that says ${JSON.stringify(bad.summary)}. Expected high, medium or low, and a sentence.`,
        );
      }
      return doubts;
    }),
  };
}
