import { attacks } from '@rampart/attacks';
import { audits } from '@rampart/audits';
import { type ComponentDefinition, type Parameters, Registry, type Resolved } from '@rampart/core';
import { datasets } from '@rampart/datasets';
import { defenses } from '@rampart/defenses';
import { metrics } from '@rampart/metrics';
import { architectures } from '@rampart/models';

import { ensemble } from './ensemble';
import { onnxFileParams } from './model-file';

export { attacks, audits, datasets, defenses, metrics };

/** Where a model comes from: an architecture to train, or a file. */
export type ModelSource = Resolved<ComponentDefinition>;

/** The model that a file holds. */
export const onnxFile: ComponentDefinition = {
  kind: 'model',
  name: 'onnx',
  summary: 'A model from an ONNX file.',
  source: 'The file',
  version: 2,
  params: onnxFileParams,
};

/** Every model that an experiment file may name. */
export const modelSources: Registry<ComponentDefinition> = new Registry<ComponentDefinition>('model', [
  ...architectures.names().map((name) => architectures.get(name)),
  onnxFile,
  ensemble,
]);

/** The registries that parameters may refer to. */
export const components = { attack: attacks as unknown as Registry<ComponentDefinition> };

/** The registries that `rampart list` shows. */
export const listed: Readonly<Record<string, Registry<ComponentDefinition>>> = {
  attacks: attacks as unknown as Registry<ComponentDefinition>,
  defenses: defenses as unknown as Registry<ComponentDefinition>,
  datasets: datasets as unknown as Registry<ComponentDefinition>,
  models: modelSources,
  metrics: metrics as unknown as Registry<ComponentDefinition>,
  audits: audits as unknown as Registry<ComponentDefinition>,
};

export type { Parameters };
