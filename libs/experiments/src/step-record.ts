import { type ArtifactRef, CHECKPOINTED, type StepRecord, type Store } from '@rampart/results';

import { CORE_VERSION } from './plugins/load-plugin';
import type { Step } from './step';
import type { StepResult } from './steps/context';

/** What the store keeps of a step itself. */
type RecordedStep = Pick<Step, 'key' | 'kind' | 'label' | 'needs' | 'versions'>;

/**
 * Records what came of a step in the store, and forgets how far it had been.
 * @param alongside what else is done in the same transaction
 * @throws RampartError as `StepStore.finish`
 */
export async function recordStep(
  store: Store,
  step: RecordedStep,
  { result, seconds }: { readonly result: StepResult; readonly seconds: number },
  alongside?: Parameters<Store['steps']['finish']>[2],
): Promise<StepRecord> {
  const record = stepRecord(step, result, seconds);
  await store.steps.finish(record, result.instances, alongside);
  // One that stays takes room until its run is removed, and does no harm.
  if (CHECKPOINTED.includes(step.kind)) await store.artifacts.checkpoints.remove(step.key).catch(() => undefined);
  return record;
}

/** A finished step as the store keeps it. */
function stepRecord(step: RecordedStep, result: StepResult, seconds: number): StepRecord {
  return {
    key: step.key,
    kind: step.kind,
    label: step.label,
    output: { ...(result.output as object), needs: step.needs, versions: { core: CORE_VERSION, ...step.versions } },
    artifacts: result.artifacts as ArtifactRef[],
    seconds,
    finishedAt: Date.now(),
  };
}
