import type { DeviceCheck, DeviceLog } from '@rampart/core';
import { CheckedSession, type Model, type Parts } from '@rampart/onnx';

/** A session on a device: what it is to be called, and its outputs, in the model's order. */
export interface OnDevice {
  readonly log: DeviceLog;
  readonly computes: string;
  /** Those that are gradients are called so, or so and of what. */
  readonly outputs: readonly string[];
  /** Where each part of the outputs of several parts begins and ends, by the model's name of the output. */
  readonly parts?: Parts;
}

/** Opens a model on a device, compared with the CPU; the log is told of what is found. */
export async function openOnDevice(
  model: Model,
  { log, computes, outputs, parts }: OnDevice,
  { threads }: { readonly threads?: number | undefined } = {},
): Promise<CheckedSession> {
  const byName = new Map(model.graph.outputs.map(({ name }, i) => [name, outputs[i]!]));
  const kinked = [...byName].filter(([, called]) => called.startsWith('gradient')).map(([name]) => name);
  const session = await CheckedSession.open(model, {
    ...{ device: log.device, kinked },
    ...(parts && { parts }),
    ...(threads !== undefined && { threads }),
  });
  log.add(() => {
    const check = session.check();
    return check && { computes, ...renamed(check, byName) };
  });
  return session;
}

function renamed(check: DeviceCheck, names: ReadonlyMap<string, string>): DeviceCheck {
  const called = (values: DeviceCheck['differences']) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [names.get(name)!, value]));
  return { ...check, differences: called(check.differences), ...(check.wrong && { wrong: called(check.wrong) }) };
}
