import { RampartError } from '@rampart/core';
import { type Model, normalise, probe, readModel, type ValueInfo, writeModel } from '@rampart/onnx';

import type { ArchitectureDefinition } from './architecture';
import { architectures } from './architectures';
import { compose } from './graph/compose';
import { type ModelCard, readCard, writeCard } from './model-card';

/**
 * Puts one model in front of another, such as an autoencoder in front of a classifier: the output of `front` becomes
 * the input of `back`. Both keep their outputs and the names of their weights where those
 * do not clash; the metadata of `back` stays, and where an architecture is made of the two, the file names it.
 * @returns an ONNX file with the input of `front`
 * @throws RampartError `bad-model` when the output of `front` does not fit the input of `back`
 */
export async function stack(front: Uint8Array, back: Uint8Array): Promise<Uint8Array> {
  const first = normalise(readModel(front));
  const second = normalise(readModel(back));
  const from = onlyOne('output', first.graph.outputs);
  const to = onlyOne('input', second.graph.inputs);
  const types = await probe(first);
  const produced = types.values.get(from.name);
  if (!produced || produced.type !== to.type || !fits(produced.dims, to.dims)) {
    throw new RampartError({
      code: 'bad-model',
      message: `Expected the front model's output "${from.name}" to fit the back model's input "${to.name}", ${to.type}[${to.dims?.join(', ') ?? '...'}]. Received ${produced ? `${produced.type}[${produced.dims.join(', ')}]` : 'no tensor'}.`,
    });
  }
  const opset = Math.max(first.opsets.get('') ?? 0, second.opsets.get('') ?? 0);
  const model: Model = {
    irVersion: Math.max(first.irVersion, second.irVersion),
    opsets: new Map([...first.opsets, ...second.opsets]).set('', opset),
    producer: second.producer,
    metadata: stackedMetadata(first, second),
    graph: compose(types.model.graph, second.graph, { from: from.name, to: to.name }),
    functions: [],
  };
  return writeModel(model);
}

function onlyOne(what: 'input' | 'output', infos: readonly ValueInfo[]): ValueInfo {
  const [info] = infos.filter(({ type }) => type === 'float32');
  if (info && infos.length === 1) return info;
  throw new RampartError({
    code: 'bad-model',
    message: `Expected the model ${what === 'output' ? 'in front to have one output' : 'behind to have one input'}, of float32. Received: ${infos.map(({ name, type }) => `${name} (${type})`).join(', ') || 'none'}.`,
  });
}

function fits(produced: readonly (number | string)[], wanted: ValueInfo['dims']): boolean {
  if (!wanted) return true;
  return (
    produced.length === wanted.length &&
    wanted.every((dim, axis) => typeof dim !== 'number' || typeof produced[axis] !== 'number' || dim === produced[axis])
  );
}

function stackedMetadata(front: Model, back: Model): Map<string, string> {
  const [frontCard, backCard] = [readCard(front.metadata), readCard(back.metadata)];
  const metadata = new Map(back.metadata);
  const architecture = stackedArchitecture(frontCard, backCard);
  const shape = frontCard.shape ?? backCard.shape;
  const box = frontCard.box ?? backCard.box;
  const { classes } = backCard;
  // The back model's own entry would claim that the whole is that architecture.
  metadata.delete('rampart.architecture');
  if (!shape || !box || !classes) return metadata;
  for (const [key, value] of writeCard({ architecture, shape, box, classes })) metadata.set(key, value);
  return metadata;
}

/** The architecture that consists of the two, with the parameters of both. */
function stackedArchitecture(front: Partial<ModelCard>, back: Partial<ModelCard>): ModelCard['architecture'] {
  const parts = [front.architecture?.name, back.architecture?.name];
  const whole = architectures
    .names()
    .map((name): ArchitectureDefinition => architectures.get(name))
    .find(({ stackOf }) => stackOf && stackOf[0] === parts[0] && stackOf[1] === parts[1]);
  if (!whole) return undefined;
  return { name: whole.name, params: { ...front.architecture?.params, ...back.architecture?.params } };
}
