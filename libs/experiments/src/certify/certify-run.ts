import { type Dataset, RampartError, Rng, type WorkOptions } from '@rampart/core';
import { smoothedModel } from '@rampart/models';
import type { CellRecord, ModelRecord, RunRecord, StepRecord, Store } from '@rampart/results';

import { type CertifyParams, type Experiment, parseExperiment } from '../experiment';
import { isOfExamples, stepKey } from '../plan';
import { prepare } from '../prepare';
import type { CertifyStep } from '../step';
import { recordStep } from '../step-record';
import { runCertify } from '../steps/certify';
import type { CertifyOutput } from '../steps/outputs';
import { parseTarget } from '../targets';
import { certifyStep } from './certify-step';
import { publishCertificate } from './publish-certificate';

/** What is asked of a run's smoothed models. */
export interface CertificationRequest extends WorkOptions, CertifyParams {
  readonly dataDir?: string | undefined;
}

/** What is certain of one smoothed model. */
export interface Certification extends Pick<
  NonNullable<CertifyOutput['certificate']>,
  'sigma' | 'instances' | 'abstained'
> {
  readonly model: string;
  readonly seed: number;
  /** For every radius at which it falls, the certified accuracy at it. */
  readonly curve: readonly { readonly radius: number; readonly accuracy: number }[];
  readonly certificates: NonNullable<CertifyOutput['certificates']>;
}

/** States of runs whose figures have a digest. */
const SEALED: ReadonlySet<RunRecord['state']> = new Set(['done', 'failed', 'cancelled']);

/**
 * Certifies the smoothed models of a run on its test set, and keeps what comes of it among the run's figures.
 * @throws RampartError `usage` for a run without smoothed models; `damaged` for one whose figures are not those that it
 *   ended with
 */
export async function certifyRun(
  store: Store,
  run: RunRecord,
  { dataDir, signal, onProgress, ...asked }: CertificationRequest,
): Promise<Certification[]> {
  const models = await store.models.ofRun(run.id);
  const smoothed: ModelRecord[] = [];
  for (const model of models) {
    const file = await store.artifacts.read({ checksum: model.artifact, extension: 'onnx' });
    if (smoothedModel(file)) smoothed.push(model);
  }
  if (smoothed.length === 0) throw nothingSmoothed(run);
  await store.verifier.verifyRun(run.id);
  const experiment = parseExperiment(run.experiment, `the experiment of run ${run.id}`);
  const { dataset } = await prepare(experiment, {
    engine: run.engine,
    ...(signal && { signal }),
    ...(dataDir !== undefined && { dataDir }),
  });
  const cells = await store.cells.ofRun(run.id);
  const made: Certification[] = [];
  for (const [index, model] of smoothed.entries()) {
    const work: WorkOptions = {
      ...(signal && { signal }),
      onProgress: ({ done, total, unit }) =>
        onProgress?.({
          done: index + done / total,
          total: smoothed.length,
          unit: 'models',
          detail: `${model.label}: ${done} of ${total} ${unit}`,
        }),
    };
    const record = await certifyModel(store, model, { asked, cells, dataset, experiment }, work);
    const { label, seed } = model;
    await publishCertificate(store, { runId: run.id, seed, model: label, position: models.indexOf(model) }, record);
    await noteStep(store, run, record);
    made.push(certificationOf(model, record));
  }
  if (SEALED.has(run.state)) await store.runs.seal(run.id);
  return made;
}

interface RunFacts {
  readonly asked: CertifyParams;
  readonly cells: readonly CellRecord[];
  readonly dataset: Dataset;
  readonly experiment: Experiment;
}

/** Certifies one model, where nobody did so before. */
async function certifyModel(
  store: Store,
  { label, seed, step: model }: ModelRecord,
  { asked, cells, dataset, experiment }: RunFacts,
  work: WorkOptions,
): Promise<StepRecord> {
  const own = cells.filter((cell) => cell.model === label && cell.seed === seed);
  const clean = own.find(({ mode }) => mode === 'clean')?.evaluateStep;
  const examples = own.filter(isOfExamples).map(({ evaluateStep }) => evaluateStep);
  const several = experiment.seeds.length > 1 ? `, seed ${seed}` : '';
  const { determinedBy, ...fields } = certifyStep(
    { label: `certify ${label}${several}`, step: model, clean, examples, seed },
    asked,
    { data: dataset.checksum, target: parseTarget(experiment.target, dataset) },
  );
  const step: CertifyStep = { ...fields, key: stepKey(fields, determinedBy) };
  const known = await store.steps.find(step.key);
  if (known && !known.damaged) return known;
  const inputs = new Map((await store.steps.findAll(step.needs)).map((record) => [record.key, record]));
  const started = performance.now();
  const { artifacts } = store;
  const result = await runCertify(step, { dataset, artifacts, inputs, rng: Rng.root(step.key), ...work });
  return recordStep(store, step, { result, seconds: (performance.now() - started) / 1000 });
}

/** Adds a step to those that a run has, with which it goes. */
async function noteStep(store: Store, { id }: RunRecord, { key, kind, label }: StepRecord): Promise<void> {
  const steps = await store.runSteps.ofRun(id);
  if (steps.some((step) => step.key === key)) return;
  await store.runSteps.put(id, [...steps, { key, kind, label, position: (steps.at(-1)?.position ?? -1) + 1 }]);
}

function certificationOf({ label, seed }: ModelRecord, { output }: StepRecord): Certification {
  const { certificate, certificates } = output as Required<CertifyOutput>;
  const { sigma, instances, abstained, curve } = certificate;
  return {
    ...{ model: label, seed, sigma, instances, abstained },
    curve: curve.map(([radius, accuracy]) => ({ radius, accuracy })),
    certificates,
  };
}

/** The certified accuracy at a radius, by its curve. */
export function accuracyAt({ curve }: Pick<Certification, 'curve'>, radius: number): number {
  return curve.find((point) => point.radius >= radius)?.accuracy ?? 0;
}

function nothingSmoothed({ id }: RunRecord): RampartError {
  return new RampartError({
    code: 'usage',
    message: `The run ${id} has no smoothed model to certify. Name one with the defense randomised-smoothing, made by this version.`,
  });
}
