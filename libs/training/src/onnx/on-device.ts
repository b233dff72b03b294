import type { DeviceLog } from '@rampart/core';
import { openOnDevice } from '@rampart/models';
import { type Model, Session } from '@rampart/onnx';

import type { GradientGraph, InnerGraph } from './gradient-graph';
import { TrainingSessions } from './training-pieces';

/**
 * The sessions of a training on a device, each compared with the CPU on its first batch. What the inner attack computes
 * of the weights alone, once a step, stays on the CPU.
 */
export async function openSessionsOn(
  log: DeviceLog,
  { model, weights, gradient, loss, viewGradient, statistics, inner }: GradientGraph,
  threads: number | undefined,
): Promise<TrainingSessions> {
  const called = new Map([
    [gradient, 'gradient of the weights'],
    [loss, 'loss'],
    ...(viewGradient === undefined ? [] : [[viewGradient, 'gradient of the images'] as const]),
    ...(statistics ? [[statistics.output, 'statistics of the batch'] as const] : []),
  ]);
  const parts = { [gradient]: weights.spans, ...(statistics && { [statistics.output]: statistics.flat.spans }) };
  const outer = { log, computes: 'training', outputs: outputsOf(model, called), parts };
  return new TrainingSessions(
    await openOnDevice(model, outer, { threads }),
    inner && (await openInner(log, inner, threads)),
  );
}

async function openInner(log: DeviceLog, { models, gradient, logits }: InnerGraph, threads: number | undefined) {
  const called = new Map([
    [gradient, 'gradient of the images'],
    [logits, 'logits'],
  ]);
  const second = { log, computes: 'inner attack of training', outputs: outputsOf(models.second, called) };
  return {
    first: await Session.open(models.first, threads === undefined ? {} : { threads }),
    second: await openOnDevice(models.second, second, { threads }),
  };
}

function outputsOf({ graph }: Model, called: ReadonlyMap<string, string>): string[] {
  return graph.outputs.map(({ name }) => called.get(name)!);
}
