import type { ArtifactRef, StepRecord } from '@rampart/results';

import { CORE_VERSION } from './plugins/load-plugin';
import type { Step } from './step';
import type { StepResult } from './steps/context';

/** A finished step as the store keeps it. */
export function stepRecord(step: Step, result: StepResult, seconds: number): StepRecord {
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
