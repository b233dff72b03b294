import type { Device } from '@rampart/core';

import { floatOf } from '../graph/attribute';
import { takesBatchStatistics } from '../graph/batch-statistics';
import { GraphBuilder } from '../graph/builder';
import type { Model, Node } from '../graph/ir';
import { int64Vector, scalar } from '../graph/tensor';

/**
 * A model in canonical form with what a device has no kernel for as operators that it has. WebGPU fails at batch
 * normalisation by the statistics of the batch, which training takes (seen in 1.30). What graphs inside nodes hold stays.
 */
export function inDeviceForm(model: Model, device: Device): Model {
  const { graph } = model;
  if (device !== 'webgpu' || !graph.nodes.some(takesBatchStatistics)) return model;
  const reserved = graph.nodes.flatMap(({ name, outputs }) => [name, ...outputs]);
  const builder = new GraphBuilder({ ...graph, nodes: [] }, { reserved });
  for (const node of graph.nodes) {
    if (takesBatchStatistics(node)) normaliseByBatch(builder, node);
    else builder.append(node);
  }
  return { ...model, graph: builder.build(graph.name) };
}

/** Appends (x - mean) / sqrt(variance + epsilon) * scale + bias, and running statistics that these have joined. */
function normaliseByBatch(builder: GraphBuilder, node: Node): void {
  const [x, scale, bias, ...running] = node.inputs as [string, string, string, string, string];
  const [y, ...moved] = node.outputs;
  const number = (value: number) => builder.constant(scalar(value));
  const shaped = (value: string, ...dims: number[]) =>
    builder.node('Reshape', [value, builder.constant(int64Vector(dims))]);
  const mean = (value: string) => builder.node('ReduceMean', [value, builder.constant(int64Vector([0, 2]))]);
  // Of any rank from 2 on: images, channels, and all that is one channel's.
  const values = shaped(x, 0, 0, -1);
  const average = mean(values);
  const centred = builder.node('Sub', [values, average]);
  const variance = mean(builder.node('Mul', [centred, centred]));
  const epsilon = number(floatOf(node, 'epsilon', 1e-5));
  const deviation = builder.node('Sqrt', [builder.node('Add', [variance, epsilon])]);
  const standard = builder.node('Div', [centred, deviation]);
  const scaled = builder.node('Mul', [standard, shaped(scale, -1, 1)]);
  const result = builder.node('Add', [scaled, shaped(bias, -1, 1)]);
  builder.node('Reshape', [result, builder.node('Shape', [x])], {}, { outputs: [y!] });
  const momentum = floatOf(node, 'momentum', 0.9);
  moved.forEach((output, index) => {
    if (output === '') return;
    const own = shaped(index === 0 ? average : variance, -1);
    const joins = builder.node('Mul', [own, number(1 - momentum)]);
    const stays = builder.node('Mul', [running[index]!, number(momentum)]);
    builder.node('Add', [joins, stays], {}, { outputs: [output] });
  });
}
