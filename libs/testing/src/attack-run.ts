import {
  type Attack,
  type AttackProblem,
  type AttackSearch,
  evade,
  type FeasibleSet,
  isRampartError,
  NORMS,
  Rng,
  type SearchResult,
  takeImages,
  withinContract,
} from '@rampart/core';

import type { AttackArena } from './attack-arena';

/** How an attack is run for one law. */
export interface AttackRunSettings {
  readonly seed?: number;
  readonly batchSize?: number;
  /** Instances of the arena in the order to attack them in; all of them in their own when left out. */
  readonly order?: readonly number[];
  readonly targets?: Int32Array;
  readonly feasible?: FeasibleSet;
  /** The signal fires just before the model call of this number, counted from 1. */
  readonly abortAtCall?: number;
  /** Model calls after which an attack is taken not to end. */
  readonly maxCalls: number;
}

/** What an attack did. */
export interface AttackRun {
  /** What the search itself returned, before box and budget are enforced; in the order it was attacked in. */
  readonly candidates: Float32Array;
  readonly iterations: Float64Array;
  /** Batches of model evaluations it asked for. */
  readonly calls: number;
  /** What stopped it, if anything did. */
  readonly error: unknown;
  /** True when it was still asking after `maxCalls`, or went on asking after the signal had fired. */
  readonly endless: boolean;
  /** True when the search returned a result although a call of its own was refused after the signal. */
  readonly swallowedAbort: boolean;
  /** Why the arrays that it returned do not fit, if so. */
  readonly misfit: string | undefined;
  /** Properties of the problem that it reached for and the contract does not name. */
  readonly strayReads: readonly string[];
  readonly touchedOriginals: boolean;
  /**
   * Of each instance, how far the nearest point is that it asked about and was told evades; Infinity for none. In the
   * order it was attacked in, and in the norm of its threat, l2 where it has none.
   */
  readonly nearestSeen: Float64Array;
  /** A point that it asked about outside the bounds of its instance, if any. */
  readonly infeasible: string | undefined;
}

/** Calls refused after the signal that an attack may make before it is taken to ignore the signal. */
const PATIENCE = 1000;

/** What rounding may do to a feature. */
const BEYOND = 1e-6;

/**
 * Runs an attack through `evade` and records what its search really did, also what `evade` would correct or refuse.
 */
export async function runAttack(attack: Attack, arena: AttackArena, settings: AttackRunSettings): Promise<AttackRun> {
  const order = settings.order ?? Array.from(arena.labels.keys());
  const watch = new Watch(attack, arena, order, settings);
  let error: unknown;
  try {
    await Promise.race([
      evade({
        attack: watch.attack,
        classifier: arena.classifier,
        verifier: arena.classifier,
        images: takeImages(arena.images, order),
        labels: Int32Array.from(order, (i) => arena.labels[i]!),
        ...(settings.targets && { targets: Int32Array.from(order, (i) => settings.targets![i]!) }),
        rng: Rng.root(settings.seed ?? 1),
        ...(settings.feasible && { feasible: settings.feasible }),
        ...(settings.batchSize !== undefined && { batchSize: settings.batchSize }),
        signal: watch.signal,
      }),
      watch.verdict,
    ]);
  } catch (caught) {
    error = caught;
  }
  return watch.result(error);
}

/** Stands between a search and its problem. */
class Watch {
  readonly signal: AbortSignal;
  /** Rejects as soon as the attack is seen not to end. */
  readonly verdict: Promise<never>;
  private readonly controller = new AbortController();
  private giveUp!: (reason: Error) => void;
  private candidates: number[] = [];
  private iterations: number[] = [];
  private calls = 0;
  private refused = 0;
  private endless = false;
  private swallowedAbort = false;
  private touchedOriginals = false;
  private misfit: string | undefined;
  private readonly strayReads = new Set<string>();
  private readonly nearestSeen: Float64Array;
  private infeasible: string | undefined;

  constructor(
    private readonly wrapped: Attack,
    private readonly arena: AttackArena,
    private readonly order: readonly number[],
    private readonly settings: AttackRunSettings,
  ) {
    this.signal = this.controller.signal;
    this.nearestSeen = new Float64Array(order.length).fill(Infinity);
    this.verdict = new Promise<never>((_, reject) => (this.giveUp = reject));
    // Nobody may be waiting any more when it rejects.
    this.verdict.catch(() => undefined);
  }

  /** The attack, watched. */
  get attack(): Attack {
    const { definition } = this.wrapped;
    return {
      ...this.wrapped,
      definition: { ...definition, create: (params) => this.watched(definition.create(params)) },
    };
  }

  result(error: unknown): AttackRun {
    const { calls, endless, swallowedAbort, misfit, touchedOriginals, nearestSeen, infeasible } = this;
    return {
      candidates: Float32Array.from(this.candidates),
      iterations: Float64Array.from(this.iterations),
      strayReads: [...this.strayReads],
      ...{ calls, error, endless, swallowedAbort, misfit, touchedOriginals, nearestSeen, infeasible },
    };
  }

  private watched(search: AttackSearch): AttackSearch {
    return async (inner) => {
      const result = await search(this.problem(inner));
      this.swallowedAbort ||= this.refused > 0;
      return this.record(inner, result);
    };
  }

  /** Keeps what was returned, and hands on what `evade` accepts, so that one fault does not hide another. */
  private record(inner: AttackProblem, result: SearchResult | undefined): SearchResult {
    const { count, features } = inner;
    const first = this.iterations.length;
    const unmodified = takeImages(this.arena.images, this.order.slice(first, first + count)).data;
    this.touchedOriginals ||= inner.originals.some((value, k) => value !== unmodified[k]);
    const values = result?.candidates?.length;
    const counts = result?.iterations?.length;
    if (values !== count * features || counts !== count) {
      this.misfit ??= `It returned ${values ?? 'no'} values and ${counts ?? 'no'} iteration counts for ${count} instances of ${features} features.`;
      this.candidates.push(...unmodified);
      this.iterations.push(...new Array<number>(count).fill(0));
      return { candidates: unmodified, iterations: new Int32Array(count) };
    }
    const { candidates, iterations } = result!;
    this.candidates.push(...candidates);
    this.iterations.push(...iterations);
    return {
      candidates: unmodified.map((value, k) => (Number.isFinite(candidates[k]) ? candidates[k]! : value)),
      iterations: Int32Array.from(iterations),
    };
  }

  /** The problem as the contract names it; what else a search reaches for is recorded. */
  private problem(inner: AttackProblem): AttackProblem {
    const first = this.iterations.length;
    const root = Rng.root(this.settings.seed ?? 1);
    const watched: AttackProblem = {
      ...inner,
      margins: async (candidates, instances) => {
        const margins = await this.call(() => inner.margins(candidates, instances));
        this.see(inner, first, candidates, instances, margins);
        return margins;
      },
      logits: (candidates, instances) => this.call(() => inner.logits(candidates, instances)),
      gradient: async (candidates, instances, loss, options) => {
        const answer = await this.call(() => inner.gradient(candidates, instances, loss, options));
        this.see(inner, first, candidates, instances, answer.margins);
        return answer;
      },
      inner: (candidates, instances, layer) => this.call(() => inner.inner(candidates, instances, layer)),
      innerGradient: (candidates, instances, guides, layer) =>
        this.call(() => inner.innerGradient(candidates, instances, guides, layer)),
      // By the instance's place in the arena, so that another order draws the same numbers.
      rng: (instance) => root.split(this.order[first + instance]!),
    };
    return withinContract(watched, (property) => this.strayReads.add(property));
  }

  private see(
    problem: AttackProblem,
    first: number,
    candidates: Float32Array,
    instances: ArrayLike<number>,
    margins: Float32Array,
  ): void {
    const { threat, originals, features } = problem;
    const { distance } = NORMS[threat.norm === 'none' ? 'l2' : threat.norm];
    for (let k = 0; k < candidates.length && this.infeasible === undefined; k++) {
      const { lower, upper } = problem.bounds(instances[Math.floor(k / features)]!);
      const [low, high] = [lower[k % features]!, upper[k % features]!];
      if (candidates[k]! >= low - BEYOND && candidates[k]! <= high + BEYOND) continue;
      this.infeasible = `${candidates[k]} for feature ${k % features}, which may be from ${low} to ${high}`;
    }
    margins.forEach((margin, slot) => {
      // As far below 0 as no rounding explains.
      if (!(margin < -1e-5)) return;
      const instance = instances[slot]!;
      const spent = distance(
        candidates.subarray(slot * features, (slot + 1) * features),
        originals.subarray(instance * features, (instance + 1) * features),
      );
      if (spent < this.nearestSeen[first + instance]!) this.nearestSeen[first + instance] = spent;
    });
  }

  private async call<T>(evaluate: () => Promise<T>): Promise<T> {
    this.calls++;
    if (this.calls > this.settings.maxCalls) return this.suspend(`${this.settings.maxCalls} model calls`);
    if (this.calls === this.settings.abortAtCall) this.controller.abort();
    try {
      return await evaluate();
    } catch (error) {
      if (isRampartError(error) && error.code === 'cancelled') this.refused++;
      if (this.refused > PATIENCE) return this.suspend(`${PATIENCE} calls that were refused after the signal`);
      throw error;
    }
  }

  /** An attack that catches every error can only be stopped by an answer that never comes. */
  private suspend(after: string): Promise<never> {
    this.endless = true;
    this.giveUp(new Error(`It was still asking the model after ${after}.`));
    return new Promise<never>(() => undefined);
  }
}
