import { type ComponentDefinition, type Registry } from '@rampart/core';
import { z } from 'zod';

import { attacks, audits, datasets, defenses, metrics, modelSources } from './components';
import { experimentFields } from './experiment';

/** A JSON Schema, as far as it is changed here. */
interface Schema {
  description?: string;
  items?: Schema;
  anyOf?: object[];
  properties?: Record<string, Schema>;
}

const NAMES: Readonly<Record<string, Registry<ComponentDefinition>>> = {
  dataset: datasets as unknown as Registry<ComponentDefinition>,
  models: modelSources,
  attacks: attacks as unknown as Registry<ComponentDefinition>,
  defenses: defenses as unknown as Registry<ComponentDefinition>,
  metrics: metrics as unknown as Registry<ComponentDefinition>,
  audits: audits as unknown as Registry<ComponentDefinition>,
};

/** The JSON Schema of experiment files, with which editors complete and check them. */
export function experimentSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(experimentFields, { io: 'input', unrepresentable: 'any' }) as Schema;
  for (const [field, registry] of Object.entries(NAMES)) {
    const property = schema.properties![field]!;
    const place = property.items ?? property;
    // A name alone, to be completed; or one with parameters, or a plugin's.
    place.anyOf = [
      { enum: registry.names() },
      { type: 'string', pattern: '^\\s*[A-Za-z][\\w.-]*\\s*(\\(.*\\)\\s*)?$' },
    ];
  }
  return { title: 'An experiment of Rampart', ...schema };
}
