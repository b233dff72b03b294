import { setMaxListeners } from 'node:events';

import { isRampartError, meanLoss, messageOf, type Progress, RampartError } from '@rampart/core';
import {
  type CurveRecord,
  type ImageFacts,
  processOwner,
  type RunEvent,
  type RunRecord,
  type RunStepCell,
  type RunStepRecord,
  type StepRecord,
  type Store,
} from '@rampart/results';

import { publishCertificate } from './certify/publish-certificate';
import type { Experiment } from './experiment';
import type { DatasetRequest, Executor, SharedExecutor, StepTask } from './executor';
import type { Plan, PlannedCell } from './plan';
import { type AttackStep, deviceOf, type Step, type StepKind } from './step';
import { RemainingTime } from './remaining-time';
import { ProgressWriter } from './progress-writer';
import { recordStep } from './step-record';
import { type StepTrace, subjectOf, UNTRACED } from './step-trace';
import { isSettled } from './steps/game';
import type { AttackOutput, AuditOutput, EvaluateOutput, ModelOutput, RobustnessOutput } from './steps/outputs';

/** How long a claimed step stays claimed without a sign of life. */
const LEASE_MS = 15_000;
/** Also how often a run that nobody can tell anything looks whether it is to stop. */
const HEARTBEAT_MS = 1_000;
/** How often a step that another run is at is asked after. */
const WAIT_MS = 250;
/** Progress of one step is told at most this often. */
const PROGRESS_MS = 250;

/** Models first, which hold up everything else; then whatever gives a figure at once. */
export const PRIORITY: Readonly<Record<StepKind, number>> = {
  import: 0,
  ensemble: 0,
  train: 0,
  harden: 1,
  evaluate: 2,
  attack: 3,
  'worst-case': 4,
  audit: 4,
  robustness: 5,
  certify: 5,
};

export interface RunOptions {
  readonly experiment: Experiment;
  readonly plan: Plan;
  readonly dataset: DatasetRequest;
  /** What a reader of the figures must know. */
  readonly notes: readonly string[];
  readonly engine: string;
  /** How to show its images. */
  readonly images: ImageFacts;
  readonly store: Store;
  readonly executor: Executor | SharedExecutor;
  /** Steps under way at once; of a shared executor, asked for at once. */
  readonly workers: number;
  readonly signal: AbortSignal;
  /**
   * Which steps come first, of those that are ready: the lowest. Default: as `PRIORITY` says, but of models that take
   * long one at a time, so that each is judged while the next one is made, and with one worker before it.
   */
  readonly priority?: (step: Step) => number;
  /** Labels of steps that failed before and are not tried again, with what they failed of. */
  readonly leave?: ReadonlyMap<string, string>;
  /** Sees every step that is done here. */
  readonly trace?: StepTrace | undefined;
  /** @param secondsLeft how long the run takes still; undefined where nobody can tell */
  readonly onEvent?: (event: RunEvent, secondsLeft: () => number | undefined) => void;
  /** Told the run before its first event. */
  readonly onRun?: (run: RunRecord) => void;
}

/**
 * Carries a plan out. Steps that the store has are not done again; a step that another run is at is waited for; a
 * step that fails takes only those along that need it. Everything finished is in the store at once, so a run that is
 * killed goes on from there.
 * @returns the run, in state `done`, `failed` or `cancelled`
 */
export async function runPlan(options: RunOptions): Promise<RunRecord> {
  const run = await openRun(options);
  options.onRun?.(run);
  return new Runner(options, run).run();
}

/** Goes on with the run of the same plan that was stopped, or starts one. */
async function openRun({ experiment, plan, engine, images, store, notes }: RunOptions): Promise<RunRecord> {
  const stopped = await store.runs.resume(plan.key);
  if (stopped) return stopped;
  return store.runs.create({
    name: experiment.name,
    planKey: plan.key,
    experiment: experiment.text,
    dataset: experiment.dataset.label,
    published: experiment.published,
    engine,
    images,
    seeds: experiment.seeds,
    stepsTotal: plan.steps.length,
    notes,
  });
}

/** What is shown of a plan. */
type ShownParts = 'models' | 'cells' | 'points' | 'robustness' | 'audits' | 'certificates';

/** How a run may end. */
type EndState = 'done' | 'failed' | 'cancelled';

class Runner {
  private readonly store: Store;
  private readonly owner: string;
  private readonly abort = new AbortController();
  private readonly finished = new Map<string, StepRecord>();
  private readonly steps: ReadonlyMap<string, Step>;
  private readonly open: Step[];
  private readonly active = new Set<string>();
  private readonly failures: string[];
  private readonly progress: ProgressWriter;
  private remaining: RemainingTime | undefined;
  /** Whether somebody wanted the run to stop, other than one that stops because it cannot go on. */
  private stopped = false;
  private changed = withResolvers();
  private stepsDone = 0;

  constructor(
    private readonly options: RunOptions,
    private readonly runRecord: RunRecord,
  ) {
    this.store = options.store;
    this.owner = `${processOwner()}`;
    this.progress = new ProgressWriter((progress) => this.store.events.append(runRecord.id, progress));
    this.steps = new Map(options.plan.steps.map((step) => [step.key, step]));
    const priority = options.priority ?? (({ kind }: Step) => PRIORITY[kind]);
    this.open = options.plan.steps
      .map((step, position) => ({ step, position }))
      .sort((a, b) => priority(a.step) - priority(b.step) || a.position - b.position)
      .map(({ step }) => step)
      .filter(({ label }) => !options.leave?.has(label));
    this.failures = [...(options.leave ?? [])].map(([label, reason]) => failureText(label, reason));
  }

  async run(): Promise<RunRecord> {
    const { plan, signal } = this.options;
    const { id } = this.runRecord;
    const stop = () => this.stop(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const heartbeat = setInterval(() => void this.beat(), HEARTBEAT_MS);
    // Somebody may want it to stop.
    const endListening = this.store.server?.listen('rampart_work', (told) => told === `stop ${id}` && void this.beat());
    let state: EndState = 'failed';
    let failure: string | undefined;
    try {
      await this.store.runSteps.put(id, runSteps(plan));
      const durations = await this.store.steps.durations(plan.steps.map(({ label }) => label));
      const { executor, workers } = this.options;
      this.remaining = new RemainingTime(plan.steps, durations, 'ask' in executor ? undefined : workers);
      await this.emit({ type: 'run-started', stepsTotal: plan.steps.length });
      const known = await this.known();
      // All of them first: what follows from one may need another.
      for (const record of known) this.finished.set(record.key, record);
      for (const record of known) await this.complete(record, true);
      if ('ask' in this.options.executor) await this.askOthers(this.options.executor);
      else await this.lanes(this.options.executor);
      state = this.stopped ? 'cancelled' : this.failures.length > 0 ? 'failed' : 'done';
      failure = this.failures.length > 0 ? this.failures.join('\n') : undefined;
    } catch (error) {
      failure = [...this.failures, messageOf(error)].join('\n');
      throw error;
    } finally {
      clearInterval(heartbeat);
      endListening?.();
      signal.removeEventListener('abort', stop);
      await this.progress.close();
      await this.end(state, failure);
    }
    return this.store.runs.get(id);
  }

  /** Writes down how the run ended. Where the store takes nothing any more, what made it end says more than that. */
  private async end(state: EndState, failure: string | undefined): Promise<void> {
    const { id } = this.runRecord;
    try {
      await this.store.runs.update(id, { state, error: failure, finishedAt: Date.now(), stepsDone: this.stepsDone });
      await this.store.runs.seal(id);
      await this.emit({ type: 'run-finished', state, ...(failure === undefined ? {} : { error: failure }) });
    } catch (error) {
      throw failure === undefined ? error : new RampartError({ code: 'store', message: failure, cause: error });
    }
  }

  /** The steps that are done. Those of which a file is missing or damaged are marked, and are done again. */
  private async known(): Promise<StepRecord[]> {
    const records: StepRecord[] = [];
    for (const found of await this.store.steps.examine(this.options.plan.steps.map((step) => step.key))) {
      const reason = 'fault' in found ? found.fault : await this.faultOf(found);
      if (reason === undefined) {
        records.push(found as StepRecord);
        continue;
      }
      await this.store.steps.distrust([found.key]);
      await this.emit({
        type: 'step-damaged',
        step: found.key,
        label: this.steps.get(found.key)?.label ?? found.label,
        reason,
      });
    }
    return records;
  }

  private async faultOf({ damaged, artifacts }: StepRecord): Promise<string | undefined> {
    if (damaged) return 'It was found damaged before.';
    for (const artifact of artifacts) {
      const fault = await this.store.artifacts.fault(artifact);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** Lets nothing new begin, and asks what is under way to end. */
  private stop(reason: unknown): void {
    this.stopped = true;
    this.abort.abort(reason);
    this.wake();
  }

  /** As many loops as there are workers. One that breaks ends the others, which are waited for. */
  private async lanes(executor: Executor): Promise<void> {
    const lanes = Array.from({ length: this.options.workers }, () =>
      this.lane(executor).catch((error: unknown) => {
        this.abort.abort(error);
        this.wake();
        throw error;
      }),
    );
    for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason;
  }

  /** Asks for every step that is ready, as many at once as the run may have under way. */
  private async askOthers(executor: SharedExecutor): Promise<void> {
    const asked = new Set<Promise<void>>();
    // Every step that is asked for waits for it.
    setMaxListeners(0, this.abort.signal);
    const ask = (step: Step) => {
      this.open.splice(this.open.indexOf(step), 1);
      this.active.add(step.key);
      const one = this.perform(step, (task) => this.askFor(executor, task))
        .catch((error: unknown) => this.abort.abort(error))
        .finally(() => {
          this.active.delete(step.key);
          asked.delete(one);
          this.wake();
        });
      asked.add(one);
    };
    for (;;) {
      const { promise } = this.changed;
      if (!this.abort.signal.aborted) {
        const room = this.options.workers - asked.size;
        const ready = this.open.filter((step) => this.ready(step) && !this.active.has(step.key));
        ready.slice(0, Math.max(0, room)).forEach(ask);
      }
      if (asked.size === 0) break;
      await promise;
    }
    // What kept it from going on, other than being stopped.
    if (this.abort.signal.aborted && !this.stopped) throw this.abort.signal.reason;
  }

  private askFor(executor: SharedExecutor, task: StepTask): Promise<StepRecord> {
    const { step } = task;
    return executor.ask(task, this.abort.signal, {
      onBegun: () => {
        this.emit({ type: 'step-started', step: step.key, kind: step.kind, label: step.label }).catch(() => undefined);
      },
      onProgress: this.progressOf(step),
    });
  }

  /** One of several loops that take a step that is ready and do it, until there is none left to take. */
  private async lane(executor: Executor): Promise<void> {
    while (!this.abort.signal.aborted && this.open.length > 0) {
      const step = await this.take();
      if (!step) {
        if (this.active.size === 0 && !this.open.some((item) => this.ready(item))) return;
        await Promise.race([this.changed.promise, delay(WAIT_MS)]);
        continue;
      }
      try {
        await this.perform(step, (task) => this.doHere(executor, task));
      } finally {
        this.active.delete(step.key);
        this.wake();
      }
    }
  }

  private ready(step: Step): boolean {
    return step.needs.every((key) => this.finished.has(key));
  }

  /** One step at a time has a device: where two threads open WebGPU at once, ONNX Runtime ends the process. */
  private waitsForDevice(step: Step): boolean {
    return Boolean(deviceOf(step)) && [...this.active].some((key) => deviceOf(this.steps.get(key)!));
  }

  /**
   * Steps in the order in which they are to be begun. Only one lane makes models while others are left to judge what
   * there is; a lane that is alone judges first.
   */
  private inTurn(): readonly Step[] {
    const { priority, workers } = this.options;
    const making = [...this.active].some((key) => makesModel(this.steps.get(key)!));
    if (priority || (workers > 1 && !making)) return [...this.open];
    return [...this.open.filter((step) => !makesModel(step)), ...this.open.filter(makesModel)];
  }

  /** Takes the first ready step that nobody else is at, and counts it as active. */
  private async take(): Promise<Step | undefined> {
    for (const step of this.inTurn()) {
      // Another lane may have done it while this one asked after steps before it.
      if (!this.open.includes(step)) continue;
      if (!this.ready(step) || this.waitsForDevice(step)) continue;
      // Out of the list and active before the first await, or two lanes would take the same step, and a lane that
      // finds nothing else to do would take the run for finished.
      this.open.splice(this.open.indexOf(step), 1);
      this.active.add(step.key);
      if (await this.store.steps.claim(step.key, this.owner, LEASE_MS)) return step;
      const record = await this.store.steps.find(step.key);
      if (record && !record.damaged) await this.complete(record, true);
      else this.open.unshift(step);
      this.active.delete(step.key);
    }
    return undefined;
  }

  /** @param how has it done, and recorded */
  private async perform(step: Step, how: (task: StepTask) => Promise<StepRecord>): Promise<void> {
    try {
      const record = await how({
        step,
        inputs: step.needs.map((key) => this.finished.get(key)!),
        dataset: this.options.dataset,
        plugins: this.options.experiment.plugins,
        timeLimit: this.options.experiment.stepTimeLimit,
        about: subjectOf(this.options.plan, step),
      });
      await this.complete(record, false);
    } catch (error) {
      if (!isRampartError(error) || error.code !== 'cancelled') {
        this.failures.push(failureText(step.label, messageOf(error)));
      }
      // A store that cannot be written keeps every other step from being finished, too.
      if (isRampartError(error) && error.code === 'store') this.abort.abort(error);
      // On such a store the claim ends with the process.
      await this.store.steps.release(step.key, this.owner).catch(() => undefined);
    }
  }

  private async doHere(executor: Executor, task: StepTask): Promise<StepRecord> {
    const { step } = task;
    await this.emit({ type: 'step-started', step: step.key, kind: step.kind, label: step.label });
    const { trace = UNTRACED } = this.options;
    return trace.step({ ...step, run: this.runRecord.id, about: task.about }, async () => {
      const started = performance.now();
      const result = await executor.run(task, this.abort.signal, this.progressOf(step));
      return recordStep(this.store, step, { result, seconds: (performance.now() - started) / 1000 });
    });
  }

  private progressOf(step: Step): (progress: Progress) => void {
    let told = -Infinity;
    return (progress) => {
      const event = { type: 'step-progress', step: step.key, ...progress } as const;
      this.progress.tell(event);
      if (performance.now() - told < PROGRESS_MS && progress.done < progress.total) return;
      told = performance.now();
      this.announce(event);
    };
  }

  /** Notes a step's result and writes the figures that follow from it. */
  private async complete(record: StepRecord, cached: boolean): Promise<void> {
    this.finished.set(record.key, record);
    const index = this.open.findIndex((step) => step.key === record.key);
    if (index >= 0) this.open.splice(index, 1);
    this.stepsDone++;
    await this.publish(record);
    await this.store.runs.update(this.runRecord.id, { stepsDone: this.stepsDone });
    await this.progress.forget(record.key);
    await this.emit({
      type: 'step-finished',
      step: record.key,
      // What was computed for another run was called as that run called it.
      label: this.steps.get(record.key)?.label ?? record.label,
      cached,
      seconds: record.seconds,
      stepsDone: this.stepsDone,
      stepsTotal: this.options.plan.steps.length,
    });
    this.wake();
  }

  private async publish(record: StepRecord): Promise<void> {
    const plan = this.shownPlan();
    const runId = this.runRecord.id;
    const models = plan.models.filter((model) => model.step === record.key);
    if (models.length > 0) {
      const output = record.output as ModelOutput;
      const artifact = record.artifacts.find((item) => item.name === 'model')!.checksum;
      await this.store.models.put(
        models.map(({ label, seed, step, parents }) => ({
          runId,
          seed,
          label,
          step,
          parents,
          artifact,
          parameters: output.parameters,
          engine: output.engine,
          facts: output.facts,
        })),
      );
      await this.store.curves.put(
        models.flatMap(({ label, seed }) =>
          output.curves.map((point) => ({ runId, seed, diagram: 'training', model: label, ...point })),
        ),
      );
    }
    await this.publishRobustness(record);
    await this.publishFindings(record);
    await this.publishCertificates(record);
    const cells = plan.cells.filter((cell) => cell.evaluate === record.key);
    const points = plan.points.filter((point) => point.evaluate === record.key);
    if (cells.length + points.length === 0) return;
    const { figures } = record.output as EvaluateOutput;
    await this.store.cells.put(
      cells.flatMap(({ model, attack, mode, seed, evaluate, attackStep }) =>
        figures.map((figure) => ({ runId, seed, model, attack, mode, attackStep, evaluateStep: evaluate, ...figure })),
      ),
    );
    await this.store.curves.put(this.attackLoss(cells));
    await this.store.curves.put(
      points.flatMap(({ diagram, model, series, seed, x, metric }) =>
        figures
          .filter((figure) => figure.metric === metric)
          .map(({ value: y }) => ({ runId, seed, diagram, model, series, x, y })),
      ),
    );
  }

  /** What is shown of the plan: without the rounds after the end of a repeated game. */
  private shownPlan(): Pick<RunOptions['plan'], ShownParts> {
    const { plan } = this.options;
    const over = plan.models.filter(({ step }) => {
      const made = this.finished.get(step);
      return made !== undefined && isSettled(made.output as ModelOutput);
    });
    if (over.length === 0) return plan;
    const shown = ({ model, seed }: { readonly model: string; readonly seed: number }) =>
      !over.some((one) => one.label === model && one.seed === seed);
    const replayed = ({ attack, seed }: PlannedCell) =>
      over.some((one) => one.seed === seed && attack.endsWith(` of ${one.label}`));
    const judged = new Set(plan.cells.filter((cell) => !shown(cell)).map(({ evaluate }) => evaluate));
    return {
      models: plan.models.filter(({ label, seed }) => shown({ model: label, seed })),
      cells: plan.cells.filter((cell) => shown(cell) && !replayed(cell)),
      points: plan.points.filter(({ evaluate }) => !judged.has(evaluate)),
      robustness: plan.robustness.filter(shown),
      audits: plan.audits.filter(shown),
      certificates: plan.certificates.filter(shown),
    };
  }

  private async publishRobustness(record: StepRecord): Promise<void> {
    const places = this.shownPlan().robustness.filter(({ step }) => step === record.key);
    if (places.length === 0) return;
    const { threats, curves } = record.output as RobustnessOutput;
    for (const { model, mode, seed, step } of places) {
      const place = { runId: this.runRecord.id, seed, model, mode, step };
      await this.store.robustness.put(
        threats.map((threat) => ({ ...place, ...threat })),
        curves.map((curve) => ({ ...place, ...curve })),
        this.options.plan.steps.findIndex(({ key }) => key === step) * 1000,
      );
    }
  }

  private async publishFindings(record: StepRecord): Promise<void> {
    const places = this.shownPlan().audits.filter(({ step }) => step === record.key);
    if (places.length === 0) return;
    const { findings, remedies } = record.output as AuditOutput;
    const broken = remedies.flatMap((remedy) => remedy.broken.map(([position]) => position));
    // Under threats the step that puts robustness together counts what remedies broke.
    const counted = this.options.experiment.threats.length === 0 && broken.length > 0;
    const remedied = [...new Set(broken)].sort((a, b) => a - b);
    for (const { model, mode, seed, step } of places) {
      const place = { runId: this.runRecord.id, seed, model, step };
      const position = this.options.plan.steps.findIndex(({ key }) => key === step);
      await this.store.findings.put(
        place,
        findings.map((finding, index) => ({ ...place, mode, ...finding, ...(counted && index === 0 && { remedied }) })),
        position,
      );
    }
  }

  private async publishCertificates(record: StepRecord): Promise<void> {
    const { models, certificates } = this.shownPlan();
    for (const { model, seed } of certificates.filter(({ step }) => step === record.key)) {
      const position = models.findIndex((one) => one.label === model && one.seed === seed);
      await publishCertificate(this.store, { runId: this.runRecord.id, seed, model, position }, record);
    }
  }

  /** How attacks fared on the model itself that an evaluation judges; nothing for examples of another model. */
  private attackLoss(cells: readonly PlannedCell[]): CurveRecord[] {
    return cells.flatMap(({ model, attack, seed, evaluate }) => {
      const step = this.steps.get(evaluate);
      if (step?.kind !== 'evaluate' || step.examples.length === 0) return [];
      const attacks = step.examples.map((key) => this.steps.get(key) as AttackStep);
      if (attacks.some((one) => one.model !== step.model)) return [];
      const parts = step.examples.map((key) => {
        const output = this.finished.get(key)?.output as AttackOutput | undefined;
        return { instances: output?.evaded.length ?? 0, curve: output?.losses ?? [] };
      });
      // Results of earlier versions do not have it.
      if (parts.some(({ curve }) => curve.length === 0)) return [];
      const place = { runId: this.runRecord.id, seed, diagram: 'attack-loss', model, series: attack };
      return meanLoss(parts).map(([x, y]) => ({ ...place, x, y }));
    });
  }

  private async beat(): Promise<void> {
    try {
      const { cancelRequested } = await this.store.runs.heartbeat(this.runRecord.id, this.remaining?.seconds());
      if (cancelRequested) this.stop(new RampartError({ code: 'cancelled', message: 'Cancelled from the dashboard.' }));
      await this.store.steps.renew([...this.active], this.owner, LEASE_MS);
    } catch {
      // A store that is busy for a moment costs one sign of life; a store that is gone stops the next step.
    }
  }

  private async emit(event: RunEvent): Promise<void> {
    this.announce(event);
    await this.store.events.append(this.runRecord.id, event);
  }

  private announce(event: RunEvent): void {
    this.remaining?.event(event);
    this.options.onEvent?.(event, () => this.remaining?.seconds());
  }

  private wake(): void {
    this.changed.resolve();
    this.changed = withResolvers();
  }
}

/** Whether a step takes long and others wait for the model that it makes. */
function makesModel({ kind }: Step): boolean {
  return kind === 'train' || kind === 'harden';
}

/** A plan's steps as the store keeps them: what each is for, and what it waits for. */
function runSteps({ steps, cells }: Plan): RunStepRecord[] {
  const positions = new Map(steps.map(({ key }, position) => [key, position]));
  const filled = new Map<string, RunStepCell[]>();
  for (const { model, attack, mode, evaluate } of cells) {
    filled.set(evaluate, [...(filled.get(evaluate) ?? []), { model, attack, mode }]);
  }
  return steps.map(({ key, kind, label, needs }, position) => ({
    ...{ key, kind, label, position },
    cells: filled.get(key) ?? [],
    needs: needs.map((need) => positions.get(need)!),
  }));
}

/** A line of a run's error: `failedSteps` of reports reads it. */
function failureText(label: string, reason: string): string {
  return `Step "${label}" failed: ${reason}`;
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function delay(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
