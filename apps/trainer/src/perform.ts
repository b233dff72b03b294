import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { RampartError } from '@rampart/core';
import { type Experiment, type Gate, prepare, type Prepared, readExperiments, runPlan } from '@rampart/experiments';
import { readRobustness, readStandings } from '@rampart/reports';
import { DATABASE_FILE, isServer, openStore, type RunEvent, type RunRecord, type Store } from '@rampart/results';

import { tooFewAddresses } from './address-space';
import { EXIT_FAILED, EXIT_INTERRUPTED, ExitCode } from './exit-code';
import { type ExecutorOptions, openExecutor } from './open-executor';
import { openLoading, openProgress } from './progress';
import { printReport } from './report/write-report';
import { runInTurn } from './run-in-turn';
import { stoppedText } from './stopped';
import { startTracing, type Tracing } from './tracing';
import { untilInterrupted } from './until-interrupted';

export interface RunArguments extends ExecutorOptions {
  readonly store: string;
  readonly artifacts?: string;
  readonly dataDir?: string;
  readonly seeds?: readonly number[];
  readonly threats?: string;
  readonly audits?: string;
  readonly remedyBudget?: number;
  readonly device?: string;
  readonly engine: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  /** Labels of steps that failed before and are not tried again, with what they failed of. */
  readonly leave?: ReadonlyMap<string, string>;
  /** The job of the dashboard that this run is. */
  readonly job?: number;
  /** Ends before anything is attacked where a model that is taken otherwise does far better: see `BetterParams`. */
  readonly careful?: boolean;
  /** Attacked instances in one step, of so many in all; see `PlanContext`. */
  readonly instancesPerStep?: (attacked: number) => number;
  /** Called once everything that can be refused has been looked at. */
  readonly before?: (experiment: Experiment) => void;
}

/**
 * Runs an experiment by name or file and prints its report; of a list of experiments, each in turn. Ends the program
 * with the right code if it fails.
 */
export async function runExperiment(name: string, options: RunArguments): Promise<void> {
  const { threats, audits, remedyBudget, device } = options;
  const experiments = await readExperiments(name, { threats, audits, remedyBudget, device });
  const [first] = experiments;
  if (experiments.length === 1 && first) await perform(first, options);
  else await runInTurn(experiments, { ...options, perform: (experiment) => perform(experiment, options) });
}

/** What is done with a finished run while its store is open. */
export type AfterRun = (run: RunRecord, store: Store, prepared: Prepared) => Promise<void>;

/** Runs an experiment and prints its report. Ends the program with the right code if it fails. */
export async function perform(
  experiment: Experiment,
  options: RunArguments,
  after?: AfterRun,
): Promise<RunRecord | undefined> {
  const interrupt = untilInterrupted();
  try {
    const prepared = await prepareShown(experiment, options, interrupt.signal);
    options.before?.(experiment);
    if (options.dryRun) {
      await printPlan(prepared, options);
      return undefined;
    }
    return await performPrepared(prepared, options, interrupt.signal, after);
  } finally {
    interrupt.dispose();
  }
}

/** Prepares an experiment, shows how its data is loaded, and tells what may make it not worth running. */
export async function prepareShown(
  experiment: Experiment,
  options: RunArguments,
  signal: AbortSignal,
): Promise<Prepared> {
  const few = options.dryRun ? undefined : tooFewAddresses(options.workers);
  if (few !== undefined) throw new RampartError({ code: 'unavailable', message: few });
  const prepared = await prepareLoading(experiment, options, signal);
  for (const warning of prepared.warnings) {
    const { text, better } = warning;
    if (options.json) process.stdout.write(`${JSON.stringify({ type: 'warning', ...warning })}\n`);
    else process.stderr.write(`rampart: warning: ${text}\n`);
    if (better && options.careful) throw new RampartError({ code: 'usage', message: `Nothing was attacked: ${text}` });
  }
  return prepared;
}

async function prepareLoading(experiment: Experiment, options: RunArguments, signal: AbortSignal): Promise<Prepared> {
  const loading = openLoading(experiment.dataset.label);
  try {
    return await prepare(experiment, {
      engine: options.engine,
      signal,
      onProgress: (progress) => loading.progress(progress),
      ...(options.seeds ? { seeds: options.seeds } : {}),
      ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
      ...(options.dryRun && { offline: true }),
      ...(options.instancesPerStep ? { instancesPerStep: options.instancesPerStep } : {}),
    });
  } finally {
    loading.close();
  }
}

/** Carries out what was prepared and prints its report. Ends the program with the right code if it fails. */
export async function performPrepared(
  prepared: Prepared,
  options: RunArguments,
  signal: AbortSignal,
  after: AfterRun | undefined,
): Promise<RunRecord> {
  const store = await openStore(options.store, { create: true, artifacts: options.artifacts });
  try {
    const run = await execute(prepared, store, options, signal);
    if (options.json) {
      const [cells, models] = [await store.cells.ofRun(run.id), await store.models.ofRun(run.id)];
      const standings = await readStandings(store, run);
      const { robustness, curves: robustnessCurves, findings } = await readRobustness(store, run.id);
      process.stdout.write(
        `${JSON.stringify({ type: 'run', run, cells, models, standings, robustness, robustnessCurves, findings })}\n`,
      );
    } else if (run.state === 'done' || (await store.cells.ofRun(run.id)).length > 0) await printReport(store, run);
    if (run.state === 'cancelled') {
      if (run.error !== undefined) process.stderr.write(`rampart: ${run.error}\n`);
      process.stderr.write(stoppedText(run));
      throw new ExitCode(EXIT_INTERRUPTED);
    }
    if (run.state !== 'done') {
      process.stderr.write(`rampart: ${run.error ?? 'the run failed'}\n`);
      throw new ExitCode(EXIT_FAILED);
    }
    const again = await store.runs.firstOfPlan(run.planKey);
    if (!options.json && again && again.id !== run.id) {
      process.stdout.write(
        `\nThis is the measurement of run ${again.id} once more: one plan gives the same figures.\n`,
      );
    }
    await after?.(run, store, prepared);
    return run;
  } finally {
    await store.close();
  }
}

/** Carries a plan out, here or by workers, and shows how far it is. */
export async function execute(
  prepared: Prepared,
  store: Store,
  options: RunArguments,
  signal: AbortSignal,
  watch?: Pick<Gate, 'priority' | 'onEvent'>,
): Promise<RunRecord> {
  const tracing = await startTracing();
  try {
    const { name } = prepared.experiment;
    return await tracing.run(name, (onRun) => carryOut(prepared, store, { ...options, signal, watch, tracing, onRun }));
  } finally {
    await tracing.close();
  }
}

interface CarryingOut extends RunArguments {
  readonly signal: AbortSignal;
  readonly watch: Pick<Gate, 'priority' | 'onEvent'> | undefined;
  readonly tracing: Tracing;
  readonly onRun: (run: RunRecord) => void;
}

async function carryOut(prepared: Prepared, store: Store, options: CarryingOut): Promise<RunRecord> {
  const { signal, watch, tracing } = options;
  const { experiment, plan, request, dataset, engine, notes } = prepared;
  const { executor, workers, opened, finished } = await openExecutor(
    prepared,
    store,
    options,
    watch && ((step) => watch.priority(step)),
    tracing,
  );
  const progress = options.json
    ? { event: (event: RunEvent) => void process.stdout.write(`${JSON.stringify(event)}\n`), close: () => undefined }
    : openProgress(plan);
  try {
    const leave = options.leave ?? (await leftByJob(store, options.job));
    const ended = await runPlan({
      experiment,
      plan,
      notes,
      engine,
      store,
      executor,
      signal,
      trace: tracing,
      dataset: request,
      workers,
      images: {
        classes: dataset.classes,
        box: dataset.box,
        ...(dataset.samples && { samples: dataset.samples }),
      },
      ...(leave && { leave }),
      ...(watch && { priority: (step) => watch.priority(step) }),
      onEvent: (event, secondsLeft) => {
        progress.event(event, secondsLeft);
        watch?.onEvent(event);
      },
      onRun: (run) => {
        const { id } = run;
        opened(run);
        options.onRun(run);
        // The run goes on without it: the dashboard then finds it among the runs.
        if (options.job !== undefined) store.jobs.link(options.job, id).catch(() => undefined);
        if (options.json) process.stdout.write(`${JSON.stringify({ type: 'run-opened', run: id })}\n`);
      },
    });
    await finished(ended);
    return ended;
  } finally {
    progress.close();
    await executor.close();
  }
}

/** What a page that asked for one attack again left as it is. */
async function leftByJob(store: Store, job: number | undefined): Promise<ReadonlyMap<string, string> | undefined> {
  const request = job === undefined ? undefined : (await store.jobs.find(job))?.request;
  const leave = (request as { readonly leave?: readonly (readonly [string, string])[] } | undefined)?.leave;
  return leave && new Map(leave);
}

export async function printPlan({ experiment, plan, engine }: Prepared, options: RunArguments): Promise<void> {
  const finished = await finishedSteps(
    options.store,
    plan.steps.map((step) => step.key),
  );
  if (options.json) {
    const steps = plan.steps.map(({ key, kind, label, needs }) => ({
      key,
      kind,
      label,
      needs,
      done: finished.has(key),
    }));
    process.stdout.write(`${JSON.stringify({ experiment: experiment.name, key: plan.key, engine, steps })}\n`);
    return;
  }
  for (const { key, label } of plan.steps) {
    process.stdout.write(`${finished.has(key) ? 'done ' : 'to do'}  ${key.slice(0, 12)}  ${label}\n`);
  }
  process.stdout.write(`${plan.steps.length} steps, ${finished.size} of them done, engine ${engine}.\n`);
}

/** Which of these steps a store has; none where there is no store yet. */
async function finishedSteps(directory: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
  if (!isServer(directory) && !existsSync(join(directory, DATABASE_FILE))) return new Set();
  const store = await openStore(directory, { readOnly: true });
  try {
    return new Set((await store.steps.findAll(keys)).map((step) => step.key));
  } finally {
    await store.close();
  }
}
