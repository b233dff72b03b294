import type { DeviceUse } from '@rampart/core';
import type { ModelRecord, StepRecord, Store } from '@rampart/results';

/** One of a model's sessions on a device, over all steps that had it. */
export type DeviceSession = Omit<DeviceUse, 'device'>;

/** What the training of a model and attacks on it computed on a device. */
export interface ReportedDevice {
  readonly model: string;
  readonly device: string;
  readonly sessions: readonly DeviceSession[];
}

/** What a step's output says, where it ran on a device. */
interface Recorded {
  readonly device?: { readonly model: string; readonly sessions: readonly DeviceUse[] };
}

/** Steps that may run on a device. */
const COMPUTING: readonly string[] = ['train', 'harden', 'attack'];

/** What the steps of a run computed elsewhere than on the CPU. */
export async function devicesOf(
  store: Pick<Store, 'models' | 'runSteps' | 'steps'>,
  runId: string,
): Promise<ReportedDevice[]> {
  const steps = (await store.runSteps.ofRun(runId)).filter(({ kind }) => COMPUTING.includes(kind));
  if (steps.length === 0) return [];
  return devicesIn(await store.steps.findAll(steps.map(({ key }) => key)), await store.models.ofRun(runId));
}

/** What steps say about the device that they ran on, a model each. */
export function devicesIn(
  steps: readonly Pick<StepRecord, 'output'>[],
  models: readonly Pick<ModelRecord, 'label' | 'step'>[],
): ReportedDevice[] {
  const used = steps.flatMap(({ output }) => (output as Recorded).device ?? []);
  const reported = models.flatMap(({ label, step }) => {
    const sessions = used.filter(({ model }) => model === step).flatMap((one) => one.sessions);
    const devices = [...new Set(sessions.map(({ device }) => device))];
    return devices.map((device) => ({
      model: label,
      device,
      sessions: merged(sessions.filter((session) => session.device === device)),
    }));
  });
  // Models that every seed shares are told of once.
  return [...new Map(reported.map((one) => [JSON.stringify(one), one])).values()];
}

/** The sessions of all steps, each kind once. */
function merged(sessions: readonly DeviceUse[]): DeviceSession[] {
  return [...new Set(sessions.map(({ computes }) => computes))].map((computes) => {
    const same = sessions.filter((session) => session.computes === computes);
    const wrong = largest(same.map((session) => session.wrong ?? {}));
    const nodes = same.flatMap(({ onCpu }) => (onCpu === 'all' ? [] : onCpu));
    const refused = same.find((session) => session.refused !== undefined)?.refused;
    return {
      computes,
      compared: same.reduce((sum, { compared }) => sum + compared, 0),
      differences: largest(same.map(({ differences }) => differences)),
      ...(Object.keys(wrong).length > 0 && { wrong }),
      onCpu: same.some(({ onCpu }) => onCpu === 'all')
        ? 'all'
        : [...new Map(nodes.map((node) => [node.name, node])).values()],
      ...(refused !== undefined && { refused }),
    };
  });
}

function largest(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (const one of all) {
    for (const [name, value] of Object.entries(one)) result[name] = Math.max(value, result[name] ?? 0);
  }
  return result;
}
