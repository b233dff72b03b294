import { bytesOf, featureCount, formatThreat, mcnemar, RampartError } from '@rampart/core';
import { keptOf as keptOfDigits } from '@rampart/reports';
import { decodeNpyFloat32, type RobustnessRecord, type RunRecord, type Store } from '@rampart/results';
import { parse } from 'yaml';

import type { Prepared } from '../prepare';
import type { RobustnessStep } from '../step';
import { attackedTestIndices } from '../steps/attacked';

/** A difference that chance makes less often than this is one. */
const SIGNIFICANCE = 0.05;

/** What the model of an earlier run got right. */
export interface Baseline {
  readonly run: string;
  readonly model: string;
  /** By threat, in the order of the experiment: of each attacked instance, 1 where it is right and stays right. */
  readonly kept: readonly Uint8Array[];
}

/** How a model compares with a baseline, on the same attacked instances. */
export interface BaselineComparison {
  /** Instances that stay right only in the baseline, and only in the model. */
  readonly onlyBaseline: number;
  readonly onlyModel: number;
  /** McNemar's exact test, two-sided. */
  readonly p: number;
  /** Whether the model is worse by more than noise. */
  readonly worse: boolean;
}

/** Compares what stays right: 1 for each attacked instance that does. */
export function compareWithBaseline(baseline: Uint8Array, model: Uint8Array): BaselineComparison {
  let onlyBaseline = 0;
  let onlyModel = 0;
  baseline.forEach((stays, position) => {
    if (stays > model[position]!) onlyBaseline++;
    if (stays < model[position]!) onlyModel++;
  });
  const { p } = mcnemar(onlyBaseline, onlyModel);
  return { onlyBaseline, onlyModel, p, worse: p < SIGNIFICANCE && onlyBaseline > onlyModel };
}

/** Of each attacked instance, 1 where it is right and stays right; undefined where the record does not say. */
export function keptOf({ outcomes }: Pick<RobustnessRecord, 'outcomes'>): Uint8Array | undefined {
  return outcomes === undefined ? undefined : keptOfDigits(outcomes);
}

type BaselineSource = Pick<Store, 'runs' | 'robustness' | 'cells' | 'instances' | 'steps' | 'artifacts'>;

/**
 * Reads what a run got right, to compare with.
 * @throws RampartError `usage` where there is no such run, or it has nothing that can be compared: other data, another
 *   target, no such threat, other attacks
 */
export async function readBaseline(
  store: BaselineSource,
  id: string,
  prepared: Prepared,
  robustness: RobustnessStep,
): Promise<Baseline> {
  const run = await store.runs.get(id);
  const records = (await store.robustness.ofRun(run.id)).filter(({ mode }) => mode === 'adaptive');
  const model = modelOf(run, records, prepared);
  const kept: Uint8Array[] = [];
  for (const [place, threat] of robustness.threats.entries()) {
    const name = formatThreat(threat);
    const record = records.find((one) => one.model === model && one.threat === name);
    if (!record) {
      const has = [...new Set(records.map((one) => one.threat))].join(', ');
      throw unfit(
        run,
        `says nothing about ${name}: it has ${has}. Name one that was evaluated under the same threats.`,
      );
    }
    await checkInstances(store, run, record, prepared, robustness);
    const expected = robustness.attacks.filter(({ fills }) => fills.includes(place)).map(({ label }) => label);
    const received = record.attacks.filter(({ attackSteps }) => attackSteps.length > 0).map(({ attack }) => attack);
    if (expected.toSorted().join() !== received.toSorted().join()) {
      throw unfit(
        run,
        `answers ${name} with other attacks: expected ${expected.join(', ')}; received ${received.join(', ')}. Name one that was attacked in the same way.`,
      );
    }
    const stays = keptOf(record);
    if (!stays) {
      throw unfit(
        run,
        `does not say what came of each instance under ${name}: an earlier version made it, or its model draws random numbers. Evaluate the baseline again, or leave it out.`,
      );
    }
    kept.push(stays);
  }
  return { run: run.id, model, kept };
}

/** The one model of a baseline, or that of the same name. */
function modelOf(run: RunRecord, records: readonly RobustnessRecord[], { plan }: Prepared): string {
  const models = [...new Set(records.map(({ model }) => model))];
  if (models.length === 0) {
    throw unfit(
      run,
      'has no robust accuracy: it named no threats, or was stopped before it knew. Name a finished run with threats.',
    );
  }
  const own = plan.models[0]!.label;
  if (models.length === 1) return models[0]!;
  if (models.includes(own)) return own;
  throw unfit(run, `has several models: ${models.join(', ')}. Say with --name which of them the model is to succeed.`);
}

/** @throws RampartError `usage` unless the baseline attacked the same instances with the same goal */
async function checkInstances(
  store: BaselineSource,
  run: RunRecord,
  { model, seed, mode, attacks }: RobustnessRecord,
  { dataset, experiment }: Prepared,
  { target }: RobustnessStep,
): Promise<void> {
  const goal = (parse(run.experiment) as { readonly target?: unknown } | null)?.target;
  const aims = [experiment.target, goal === undefined ? undefined : String(goal)].map(
    (aim) => aim ?? 'any wrong class',
  );
  if (aims[0] !== aims[1]) {
    throw unfit(run, `has another target: expected ${aims[0]}, received ${aims[1]}. Name one with the same.`);
  }
  const cells = await store.cells.ofRun(run.id, { model, seed, mode });
  const cell = cells.find((one) => attacks.some(({ attack }) => attack === one.attack));
  const step = cell && (await store.steps.find(cell.evaluateStep));
  const file = step?.artifacts.find(({ name }) => name === 'originals');
  if (!step || !file) throw unfit(run, 'has no stored examples. Name a finished run.');

  const other = (why: string) =>
    unfit(run, `was made on other data than ${experiment.dataset.label}: ${why}. Name one of the same data.`);
  const attacked = attackedTestIndices(dataset, target);
  const instances = await store.instances.ofStep(step.key);
  if (instances.length !== attacked.length) {
    throw other(`it attacked ${instances.length} instances of ${run.dataset}, and here are ${attacked.length}`);
  }
  const features = featureCount(dataset.shape);
  const originals = decodeNpyFloat32(await store.artifacts.read(file)).data;
  const { images, labels } = dataset.test;
  for (const { position, testIndex, label } of instances) {
    const index = attacked[position]!;
    const theirs = originals.subarray(position * features, (position + 1) * features);
    const ours = images.data.subarray(index * features, (index + 1) * features);
    const same = testIndex === index && label === labels[index] && Buffer.compare(bytesOf(theirs), bytesOf(ours)) === 0;
    if (!same) throw other(`instance ${position} of ${run.dataset} is another`);
  }
}

function unfit({ id }: RunRecord, what: string): RampartError {
  return new RampartError({ code: 'usage', message: `The baseline run ${id} ${what}` });
}
