import { type Dataset, type Finding, formatThreat, RampartError, sliceBatch } from '@rampart/core';
import { openVerifier } from '@rampart/models';
import { findingsAbout, isEstablished } from '@rampart/reports';
import { type RunEvent, type RunRecord, type Store } from '@rampart/results';

import type { Prepared } from '../prepare';
import type { AttackStep, RobustnessStep, Step } from '../step';
import { type Baseline, type BaselineComparison, compareWithBaseline, keptOf, readBaseline } from './baseline';
import { boundsOf, decide, instancesNeeded, type Tally, type Verdict } from './decide';
import { GateTally } from './gate-tally';

/** What a gate asks of a model. */
export interface GateRequest {
  readonly prepared: Prepared;
  readonly store: Store;
  /** The robust accuracy that every threat must leave. */
  readonly atLeast: number;
  /** A run whose model this one must not be worse than by more than noise. */
  readonly baseline?: string | undefined;
  /** Fires when somebody stops the run. */
  readonly signal: AbortSignal;
}

/** What a gate found out about one threat. */
export interface GateFigure extends Tally {
  readonly threat: string;
  readonly verdict: Verdict;
  /** The bounds of the 95% Wilson interval, over all that may come of instances that were not attacked. */
  readonly low: number;
  readonly high: number;
  /** Instances that it would take, at the same robust accuracy; of an inconclusive figure. */
  readonly needed: number | undefined;
  /** What leaves the figure not established: open findings of high severity. */
  readonly open: readonly Finding[];
  readonly baseline: BaselineComparison | undefined;
}

/** The answer of a gate. */
export interface GateResult {
  readonly verdict: Verdict;
  readonly figures: readonly GateFigure[];
  /** Whether the run ended before every instance was attacked. */
  readonly early: boolean;
}

/** Watches a run and ends it as soon as the answer is certain, whatever the rest of it would find. */
export interface Gate {
  /** Fires when the run may end: the answer is certain, or somebody stops it. */
  readonly signal: AbortSignal;
  /** The order of the run's steps: the first instances under every attack, then the next. */
  priority(step: Step): number;
  onEvent(event: RunEvent): void;
  /** The answer; undefined where the run was stopped, or failed, before it was certain. */
  result(run: RunRecord): Promise<GateResult | undefined>;
}

/** Instances of one step, at least, and steps of an attack, at the most. */
const FEWEST = 50;
const MOST_STEPS = 40;

/** Test images that a model is asked about twice. */
const ASKED_TWICE = 16;

/**
 * Attacked instances in one step of a gate's run; the answer is looked for after each. A function of their number alone,
 * so that it is the same for any batch size and number of workers.
 */
export function gateInstancesPerStep(attacked: number): number {
  return Math.max(FEWEST, Math.ceil(attacked / MOST_STEPS));
}

/**
 * A gate for the run of an experiment with one model and one seed, prepared with `gateInstancesPerStep`.
 * @throws RampartError `usage` where the experiment or the baseline has nothing to decide on
 */
export async function openGate(request: GateRequest): Promise<Gate> {
  const { prepared, store, baseline } = request;
  const places = prepared.plan.robustness.filter(({ mode }) => mode === 'adaptive');
  const step = prepared.plan.steps.find(({ key }) => key === places[0]?.step);
  if (places.length !== 1 || step?.kind !== 'robustness') {
    throw new RampartError({
      code: 'usage',
      message: `A gate decides on one model with one seed under at least one threat. Received ${places.length} of them: name threats, such as linf(8/255), and one seed.`,
    });
  }
  const known = baseline === undefined ? undefined : await readBaseline(store, baseline, prepared, step);
  return new RunGate(request, step, known);
}

class RunGate implements Gate {
  private readonly abort = new AbortController();
  private readonly tally: GateTally;
  /** The steps whose results are looked at, each after those before it, whatever order they end in. */
  private readonly order: readonly Step[];
  private readonly places: ReadonlyMap<string, number>;
  private readonly finished = new Set<string>();
  private looked = 0;
  private looking: Promise<void> = Promise.resolve();
  private failure: { readonly error: unknown } | undefined;
  private early: GateResult | undefined;
  /** A model that draws random numbers is judged by many draws, at the end. */
  private random = false;

  constructor(
    private readonly request: GateRequest,
    private readonly robustness: RobustnessStep,
    private readonly baseline: Baseline | undefined,
  ) {
    const { signal } = request;
    const { steps } = request.prepared.plan;
    this.tally = new GateTally(robustness, request.prepared.dataset);
    const keys = new Set(robustness.attacks.flatMap(({ attackSteps }) => attackSteps));
    const attacks = steps.filter((one): one is AttackStep => one.kind === 'attack' && keys.has(one.key));
    const first = [attacks[0]!.model, robustness.clean];
    this.order = [
      ...first.map((key) => steps.find((one) => one.key === key)!),
      ...attacks.toSorted((a, b) => a.end - b.end),
    ];
    this.places = new Map(this.order.map(({ key }, place) => [key, place]));
    const stop = () => this.abort.abort(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  priority({ key }: Step): number {
    // What follows from the attacks comes after all of them: it may never be needed.
    return this.places.get(key) ?? this.order.length;
  }

  onEvent(event: RunEvent): void {
    if (event.type !== 'step-finished') return;
    this.finished.add(event.step);
    this.looking = this.looking
      .then(() => this.look())
      .catch((error: unknown) => {
        this.failure ??= { error };
        this.abort.abort(error);
      });
  }

  async result(run: RunRecord): Promise<GateResult | undefined> {
    await this.looking;
    if (this.failure) throw this.failure.error;
    return this.early ?? (run.state === 'done' ? this.final(run) : undefined);
  }

  /** Takes what has ended, in order, and stops at the first place where the answer is certain. */
  private async look(): Promise<void> {
    const { store, prepared } = this.request;
    for (; !this.early && this.looked < this.order.length; this.looked++) {
      const step = this.order[this.looked]!;
      const record = this.finished.has(step.key) ? await store.steps.find(step.key) : undefined;
      if (!record) return;
      if (step.kind === 'attack') await this.tally.attack(step, record, store.artifacts);
      else if (step.kind === 'evaluate') await this.tally.clean(record, store.artifacts);
      else {
        const file = record.artifacts.find(({ name }) => name === 'model')!;
        this.random = await drawsRandomNumbers(await store.artifacts.read(file), prepared.dataset);
      }
      // Nothing is saved by ending a run whose attacks are over.
      if (this.random || this.looked === this.order.length - 1) continue;
      this.early = this.certain();
      if (this.early) this.abort.abort(new RampartError({ code: 'cancelled', message: 'The answer is certain.' }));
    }
  }

  /** The answer, if nothing that may still come can change it. */
  private certain(): GateResult | undefined {
    const found = this.robustness.threats.map((threat, place) => this.soFar(formatThreat(threat), place));
    const failed = found.some(({ decided }) => decided === 'fail');
    if (!failed && found.some(({ decided }) => decided !== 'pass')) return undefined;
    const figures = found.map(({ decided, ...figure }) => ({ ...figure, verdict: decided ?? 'inconclusive' }));
    return { verdict: failed ? 'fail' : 'pass', figures, early: true };
  }

  private soFar(threat: string, place: number) {
    const { atLeast, prepared } = this.request;
    const counted = this.tally.of(place);
    // What audits find, and what their remedies break, is known at the end; so is who withstands every target.
    const later = prepared.experiment.audits.length > 0 || this.robustness.target === 'each';
    const tally = later ? { ...counted, robustAtLeast: 0 } : counted;
    // The most that can still be said for the model.
    const baseline = this.baseline && compareWithBaseline(this.baseline.kept[place]!, this.tally.standing(place));
    let decided = decide(tally, atLeast);
    if (baseline?.worse) decided = 'fail';
    // Not worse than a baseline is certain once everything is known.
    if (decided === 'pass' && baseline) decided = undefined;
    return { threat, ...tally, ...boundsOf(tally), decided, needed: undefined, open: [], baseline };
  }

  private async final(run: RunRecord): Promise<GateResult> {
    const { store, atLeast } = this.request;
    const records = await store.robustness.ofRun(run.id);
    const findings = await store.findings.ofRun(run.id);
    const figures = this.robustness.threats.map((one, place): GateFigure => {
      const threat = formatThreat(one);
      const record = records.find((other) => other.threat === threat && other.mode === 'adaptive')!;
      const { instances, robustAccuracy, low, high } = record;
      const robust = Math.round(robustAccuracy * instances);
      const tally = { instances, robustAtLeast: robust, robustAtMost: robust };
      const open = findingsAbout(findings, record).filter((finding) => !isEstablished([finding]));
      const kept = keptOf(record);
      const baseline = this.baseline && kept && compareWithBaseline(this.baseline.kept[place]!, kept);
      const verdict = open.length > 0 || baseline?.worse ? 'fail' : decide(tally, atLeast)!;
      const needed = verdict === 'inconclusive' ? instancesNeeded(robustAccuracy, atLeast) : undefined;
      return { threat, ...tally, low, high, verdict, needed, open, baseline };
    });
    const verdict = (['fail', 'inconclusive', 'pass'] as const).find((one) =>
      figures.some((figure) => figure.verdict === one),
    )!;
    return { verdict, figures, early: false };
  }
}

/** Whether a model answers otherwise when it is asked the same again. */
async function drawsRandomNumbers(model: Uint8Array, { box, test }: Dataset): Promise<boolean> {
  const verifier = await openVerifier(model, { box });
  try {
    const { data } = sliceBatch(test.images, 0, Math.min(ASKED_TWICE, test.images.count));
    const first = await verifier.logits(data);
    const second = await verifier.logits(data);
    return first.some((value, i) => value !== second[i]);
  } finally {
    await verifier.dispose();
  }
}
