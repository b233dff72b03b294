import {
  type Attack,
  type AttackDefinition,
  isRampartError,
  linfDistance,
  margin,
  messageOf,
  type NormName,
  NORMS,
  type Parameters,
  predictions,
  Registry,
  type RelatedRegistries,
  Rng,
} from '@rampart/core';

import { type AttackArena, flatArena, linearArena, smoothArena } from './attack-arena';
import { difference, inArenaOrder, place } from './compare-runs';
import { type AttackRun, type AttackRunSettings, runAttack } from './attack-run';
import { Broken, demand, once } from './law';

export interface AttackCheckOptions {
  /** Parameters to check it with; its defaults when left out. */
  readonly params?: Parameters;
  /** Registries of the components that its parameters name. */
  readonly related?: RelatedRegistries;
  /** True for an attack that draws random numbers: different seeds must then give different results. */
  readonly random?: boolean;
  /** Batches of model evaluations, for a dozen instances, after which it is taken not to end. Default 100,000. */
  readonly maxCalls?: number;
}

/** Leaving box or budget by less than this is rounding; `evade` allows the same. */
const ROUNDING = 1e-5;

/** One attack on trial; the runs that several laws look at are made once. */
export class AttackTrial {
  private readonly maxCalls: number;
  private readonly attack = once(() => this.resolve());
  private readonly arenas = once(() => Promise.all([linearArena(), smoothArena()]));
  private readonly references = once(async () => {
    const references: Reference[] = [];
    for (const arena of await this.arenas()) references.push({ arena, run: await this.run(arena) });
    return references;
  });

  /** The same instances in batches; none where the reference runs have failed already. */
  private readonly splits = once(async () => {
    const splits: (Reference & { readonly batchSize: number })[] = [];
    for (const { arena, run } of await this.references()) {
      for (const batchSize of run.error === undefined ? [1, 4] : []) {
        splits.push({ arena, batchSize, run: await this.run(arena, { batchSize }) });
      }
    }
    return splits;
  });

  constructor(
    private readonly definition: AttackDefinition,
    private readonly options: AttackCheckOptions,
  ) {
    this.maxCalls = options.maxCalls ?? 100_000;
  }

  async runsToItsEnd(): Promise<void> {
    for (const { arena, run } of [...(await this.references()), ...(await this.splits())]) {
      demand(run.error === undefined, () => `On ${arena.name}: ${messageOf(run.error)}`);
    }
  }

  async returnsFiniteCandidates(): Promise<void> {
    for (const { arena, run } of await this.judged()) {
      demand(run.misfit === undefined, () => `${run.misfit} Expected one candidate and one count an instance.`);
      const bad = run.candidates.findIndex((value) => !Number.isFinite(value));
      demand(bad < 0, () => {
        const { instance, feature } = place(arena, bad);
        return `On ${arena.name} it returned ${run.candidates[bad]} for instance ${instance}, feature ${feature}. See what it divides by or takes a root of.`;
      });
    }
  }

  async doesSomething(): Promise<void> {
    for (const { arena, run } of await this.judged()) {
      const unchanged = run.candidates.every((value, k) => value === arena.images.data[k]);
      demand(!unchanged, () => `On ${arena.name} it returned every instance as it was.`);
      const before = await margins(arena, arena.images.data, arena.labels);
      const after = await margins(arena, run.candidates, arena.labels);
      demand(
        after.some((value, i) => value < before[i]!),
        () =>
          `On ${arena.name} it lowered the margin of no instance. The attacker's loss is to be lowered: step against its gradient.`,
      );
    }
  }

  async worksTowardsTargets(): Promise<void> {
    const [, arena] = await this.arenas();
    await this.judged();
    const { classes } = arena.classifier;
    const predicted = predictions(await arena.classifier.logits(arena.images.data), classes);
    const targets = predicted.map((label) => (label + 1) % classes);
    const run = this.sound(await this.run(arena, { targets }));
    const before = await margins(arena, arena.images.data, targets);
    const after = await margins(arena, run.candidates, targets);
    demand(
      after.some((value, i) => value > before[i]!),
      () =>
        'Given a target class for each instance it brought none of them nearer to it. Lower the losses and margins of the problem, which know the target.',
    );
  }

  async staysInBox(): Promise<void> {
    for (const { arena, run } of await this.judged()) {
      const { min, max } = arena.images.box;
      const bad = run.candidates.findIndex((value) => value < min - ROUNDING || value > max + ROUNDING);
      demand(bad < 0, () => {
        const { instance, feature } = place(arena, bad);
        return `On ${arena.name} it returned ${run.candidates[bad]} for instance ${instance}, feature ${feature}. Clip candidates to problem.box.`;
      });
    }
  }

  async staysInBudget(): Promise<void> {
    const { params } = this.attack();
    const threat = this.definition.threat(params);
    if (threat.norm === 'none') return;
    const { norm, epsilon } = threat;
    demand(epsilon > 0, () => `Its budget is ${epsilon}. Expected a number above 0.`);
    const { distance } = NORMS[norm];
    for (const { arena, run } of await this.judged()) {
      for (let i = 0; i < arena.images.count; i++) {
        const size = arena.images.data.length / arena.images.count;
        const spent = distance(run.candidates, arena.images.data, i * size, size);
        demand(
          !(spent > epsilon + ROUNDING),
          () =>
            `On ${arena.name} it moved instance ${i} by ${spent} in the ${norm} norm. Its budget is ${epsilon}: project candidates to it.`,
        );
      }
    }
  }

  async leavesOriginals(): Promise<void> {
    for (const { arena, run } of await this.judged()) {
      demand(
        !run.touchedOriginals,
        () => `On ${arena.name} it wrote into problem.originals. Work on a copy: problem.originals.slice().`,
      );
    }
  }

  async ignoresBatchSize(): Promise<void> {
    const whole = await this.judged();
    for (const { arena, run, batchSize } of await this.splits()) {
      const together = whole.find((reference) => reference.arena === arena)!.run;
      const differing = difference(arena, together, this.sound(run));
      demand(
        differing === undefined,
        () =>
          `On ${arena.name} instance ${differing} comes out differently in batches of ${batchSize} and of ${arena.images.count}. Keep every instance's state to itself, and draw from problem.rng(instance).`,
      );
    }
  }

  async ignoresOrder(): Promise<void> {
    for (const { arena, run } of await this.judged()) {
      const order = shuffled(arena.images.count);
      const other = this.sound(await this.run(arena, { order }));
      const differing = difference(arena, run, inArenaOrder(other, order));
      demand(
        differing === undefined,
        () =>
          `On ${arena.name} instance ${differing} comes out differently when the instances come in another order. Keep every instance's state to itself, and draw from problem.rng(instance).`,
      );
    }
  }

  /** An instance's example is its own, whichever others are attacked with it. */
  async ignoresOthers(): Promise<void> {
    if (this.definition.scope === 'set') return;
    for (const { arena, run } of await this.judged()) {
      const order = Array.from(arena.labels.keys()).filter((i) => i % 3 === 1);
      const other = this.sound(await this.run(arena, { order }));
      const size = arena.images.data.length / arena.images.count;
      order.forEach((instance, row) => {
        for (let k = 0; k < size; k++) {
          demand(
            Object.is(run.candidates[instance * size + k], other.candidates[row * size + k]),
            () =>
              `On ${arena.name} instance ${instance} comes out differently when others are attacked with it. Keep every instance's state to itself, or declare scope: 'set'.`,
          );
        }
      });
    }
  }

  /** What an attack asked about and was told evades within its threat, it returns, or something nearer. */
  async losesNoSuccess(): Promise<void> {
    if (this.definition.family === undefined) return;
    const { norm, epsilon } = this.threat();
    for (const { arena, run } of await this.judged()) {
      const size = arena.images.data.length / arena.images.count;
      const after = await margins(arena, run.candidates, arena.labels);
      run.nearestSeen.forEach((seen, i) => {
        if (seen === Infinity || seen > epsilon) return;
        const reached = NORMS[norm].distance(run.candidates, arena.images.data, i * size, size);
        demand(
          after[i]! < 0 && reached <= (epsilon === Infinity ? seen : epsilon) + ROUNDING,
          () =>
            `On ${arena.name} it asked about a point ${seen} away from instance ${i} that evades, and returned one ${reached} away${after[i]! < 0 ? '' : ', which does not evade'}.`,
        );
      });
    }
  }

  async keepsToFeasibleSet(): Promise<void> {
    if (this.definition.family === undefined) return;
    await this.judged();
    for (const arena of await this.arenas()) {
      const size = arena.images.data.length / arena.images.count;
      const { min, max } = arena.images.box;
      const frozen = Uint8Array.from({ length: size }, (_, k) => Number(k % 3 === 0));
      const upper = new Float32Array(size).fill(max - 0.2 * (max - min));
      const run = this.sound(await this.run(arena, { feasible: { frozen, upper } }));
      demand(
        run.infeasible === undefined,
        () => `On ${arena.name} it asked about ${run.infeasible}. Clip points to instance.bounds.`,
      );
      run.candidates.forEach((value, k) => {
        const original = arena.images.data[k]!;
        const fits = frozen[k % size] === 1 ? value === original : value <= Math.max(original, upper[0]!) + ROUNDING;
        demand(fits, () => {
          const { instance, feature } = place(arena, k);
          return `On ${arena.name} it returned ${value} for instance ${instance}, feature ${feature}, which ${frozen[feature] === 1 ? `may not change from ${original}` : `may be at most ${upper[0]}`}. Clip points to instance.bounds.`;
        });
      });
    }
  }

  async repeatsItself(): Promise<void> {
    for (const { arena, run } of await this.judged()) {
      const differing = difference(arena, run, this.sound(await this.run(arena)));
      demand(
        differing === undefined,
        () =>
          `On ${arena.name} instance ${differing} comes out differently in a second run with the same seed. Draw from problem.rng(instance); use no Math.random, no clock, and keep nothing between runs.`,
      );
    }
  }

  async usesTheSeed(): Promise<void> {
    if (!this.options.random) return;
    for (const { arena, run } of await this.judged()) {
      if (difference(arena, run, this.sound(await this.run(arena, { seed: 2 }))) !== undefined) return;
    }
    throw new Broken(
      'It is declared random, yet seeds 1 and 2 give the same candidates and iterations. Draw from problem.rng(instance).',
    );
  }

  async countsIterations(): Promise<void> {
    for (const { arena, run } of await this.judged()) {
      const size = arena.images.data.length / arena.images.count;
      run.iterations.forEach((iterations, i) => {
        demand(
          Number.isInteger(iterations) && iterations >= 0,
          () => `On ${arena.name} it reports ${iterations} iterations of instance ${i}. Expected a whole number.`,
        );
        const moved = linfDistance(run.candidates, arena.images.data, i * size, size) > 0;
        demand(
          !moved || iterations > 0,
          () => `On ${arena.name} it changed instance ${i} and reports 0 iterations of it. Count the steps taken.`,
        );
      });
    }
  }

  async copesWithFlatModel(): Promise<void> {
    await this.judged();
    const arena = await flatArena();
    const run = this.sound(await this.run(arena));
    const bad = run.candidates.findIndex((value) => !Number.isFinite(value));
    demand(
      bad < 0,
      () =>
        `On ${arena.name} it returned ${run.candidates[bad]}. Where a gradient is 0 there is no direction: do not divide by its norm.`,
    );
  }

  async stopsAtSignal(): Promise<void> {
    for (const { arena, run } of await this.judged()) {
      if (run.calls === 0) continue;
      const abortAtCall = Math.ceil(run.calls / 2);
      const stopped = await this.run(arena, { abortAtCall });
      const when = `On ${arena.name} the signal fired at model call ${abortAtCall} of ${run.calls}`;
      demand(!stopped.endless, () => `${when}, and it went on: ${messageOf(stopped.error)}`);
      demand(
        !stopped.swallowedAbort,
        () => `${when}, and it returned a result all the same. Let the error of the refused call pass.`,
      );
      demand(
        isRampartError(stopped.error) && stopped.error.code === 'cancelled',
        () =>
          `${when}, and it failed with "${messageOf(stopped.error)}". Expected the RampartError with code "cancelled" of the refused call: let it pass.`,
      );
    }
  }

  async readsContractOnly(): Promise<void> {
    for (const { run } of await this.references()) {
      demand(
        run.strayReads.length === 0,
        () =>
          `It reached for problem.${run.strayReads.join(', problem.')}, which the contract does not name. Labels are known through margins and gradient only.`,
      );
    }
  }

  /** Its norm, l2 where it has none, and its budget. */
  private threat(): { readonly norm: NormName; readonly epsilon: number } {
    const threat = this.definition.threat(this.attack().params);
    return threat.norm === 'none' ? { norm: 'l2', epsilon: Infinity } : threat;
  }

  private resolve(): Attack {
    const { definition, options } = this;
    const registry = new Registry<AttackDefinition>('attack', [definition]);
    return registry.resolve({ name: definition.name, params: options.params ?? {} }, options.related);
  }

  private run(arena: AttackArena, settings: Partial<AttackRunSettings> = {}): Promise<AttackRun> {
    return runAttack(this.attack(), arena, { ...settings, maxCalls: this.maxCalls });
  }

  /** The reference runs, where they came to an end. */
  private async judged(): Promise<readonly Reference[]> {
    const references = await this.references();
    for (const { run } of references) this.sound(run);
    return references;
  }

  private sound(run: AttackRun): AttackRun {
    demand(run.error === undefined, () => `It could not be judged, since the attack failed: ${messageOf(run.error)}`);
    return run;
  }
}

interface Reference {
  readonly arena: AttackArena;
  readonly run: AttackRun;
}

async function margins({ classifier }: AttackArena, images: Float32Array, labels: Int32Array): Promise<Float64Array> {
  const logits = await classifier.logits(images);
  return Float64Array.from(labels, (label, i) => margin(logits, i * classifier.classes, classifier.classes, label));
}

/** A fixed order that is neither ascending nor descending. */
function shuffled(count: number): number[] {
  return Array.from(Rng.root('order').permutation(count));
}
