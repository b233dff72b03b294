import { basename } from 'node:path';

import {
  type Attack,
  type ComponentSpec,
  type DatasetSource,
  type Defense,
  messageOf,
  type Metric,
  parseComponent,
} from '@rampart/core';
import { z } from 'zod';

import { attacks, components, datasets, defenses, metrics, modelSources, type ModelSource } from './components';
import { readDocument } from './experiment-document';
import { tryLoading } from './plugins/try-loading';
import { type PluginRef, usePlugin } from './plugins/use-plugins';

const training = z
  .strictObject({
    epochs: z.int().positive().default(6).describe('Passes over the training data.'),
    batchSize: z.int().positive().default(64).describe('Instances a step.'),
    learningRate: z.number().positive().default(0.001).describe("Adam's learning rate."),
    weightDecay: z
      .number()
      .min(0)
      .default(0.001)
      .describe('Weight of half the squared norm of the weights in the loss.'),
  })
  .prefault({});

const sweep = z.strictObject({
  attack: z.string().describe('The attack whose parameter varies.'),
  parameter: z.string().describe('The name of that parameter.'),
  values: z.array(z.number()).min(1).describe('Its values.'),
});

const schema = z.strictObject({
  name: z.string().regex(/^[\w. -]+$/, 'Expected letters, digits, spaces, dots, dashes and underscores'),
  description: z.string().optional(),
  published: z.enum(['mnist', 'cifar10']).optional(),
  plugins: z.array(z.string().min(1)).default([]),
  /** Seconds after which a step that does not end is stopped; an hour for steps of plugins unless said otherwise. */
  stepTimeLimit: z.number().positive().optional(),
  dataset: z.string(),
  models: z.array(z.string()).min(1),
  training,
  attacks: z.array(z.string()).min(1),
  defenses: z.array(z.string()).default([]),
  /** `static`: made against the first model and replayed; `adaptive`: made against each model itself. */
  examples: z
    .array(z.enum(['static', 'adaptive']))
    .min(1)
    .default(['static', 'adaptive']),
  sweeps: z.array(sweep).default([]),
  metrics: z.array(z.string()).optional(),
  seeds: z.array(z.int().nonnegative()).min(1).default([1]),
  target: z.union([z.string(), z.number()]).optional(),
});

export type TrainingParams = z.output<typeof training>;

/** Figures of an attack over one of its parameters, as a curve. */
export interface Sweep {
  readonly parameter: string;
  readonly points: readonly { readonly value: number; readonly attack: Attack }[];
}

/** An experiment, checked: every component is known and its parameters are valid. */
export interface Experiment {
  readonly name: string;
  /** The text it was read from. */
  readonly text: string;
  readonly published: 'mnist' | 'cifar10' | undefined;
  /** Where components come from that are not Rampart's own. */
  readonly plugins: readonly PluginRef[];
  /** Seconds that one step may take; undefined where the executor decides. */
  readonly stepTimeLimit: number | undefined;
  readonly dataset: DatasetSource;
  readonly models: readonly ModelSource[];
  readonly training: TrainingParams;
  readonly attacks: readonly Attack[];
  readonly defenses: readonly Defense[];
  readonly examples: readonly ('static' | 'adaptive')[];
  readonly sweeps: readonly Sweep[];
  readonly metrics: readonly Metric[];
  readonly seeds: readonly number[];
  /** The class that attacked instances are to be taken for, by its name; any wrong one where nothing is said. */
  readonly target: string | undefined;
}

/**
 * Reads an experiment file.
 * @param text YAML
 * @param file its name, for errors
 * @param folder what the paths of its plugins start from
 * @throws RampartError `usage` that names line and field
 */
export function parseExperiment(text: string, file: string, folder: string = process.cwd()): Experiment {
  const document = readDocument(text, file);
  const fields = document.read(schema);
  const at = <T>(path: readonly PropertyKey[], read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw document.fault(path, `${messageOf(error)}${hint(path)}`, error);
    }
  };
  // YAML ends a plain entry of a [list] at its first comma, also inside brackets of ours.
  const hint = (path: readonly PropertyKey[]): string => {
    const value = document.at(path);
    const unbalanced = typeof value === 'string' && value.split('(').length !== value.split(')').length;
    return unbalanced ? ' In a YAML list, quote an entry that has commas.' : '';
  };
  const each = <T>(field: 'models' | 'attacks' | 'defenses', read: (spec: ComponentSpec) => T): T[] =>
    fields[field].map((item, index) => at([field, index], () => read(parseComponent(item))));

  // First, since everything else may name their components.
  const plugins = fields.plugins.map((reference, index) =>
    at(['plugins', index], () => {
      tryLoading(reference, folder, fields.stepTimeLimit);
      return usePlugin(reference, folder);
    }),
  );
  return {
    name: fields.name,
    text,
    published: fields.published,
    plugins,
    stepTimeLimit: fields.stepTimeLimit,
    dataset: at(['dataset'], () => datasets.resolve(parseComponent(fields.dataset))),
    models: withFileNames(each('models', (spec) => modelSources.resolve(spec))),
    training: fields.training,
    attacks: each('attacks', (spec) => attacks.resolve(spec)),
    defenses: each('defenses', (spec) => defenses.resolve(spec, components)),
    examples: fields.examples,
    sweeps: fields.sweeps.map((item, index) =>
      at(['sweeps', index], () => ({
        parameter: item.parameter,
        points: item.values.map((value) => {
          const spec = parseComponent(item.attack);
          return { value, attack: attacks.resolve({ ...spec, params: { ...spec.params, [item.parameter]: value } }) };
        }),
      })),
    ),
    metrics: at(['metrics'], () =>
      (fields.metrics ?? metrics.names()).map((name) => metrics.resolve(parseComponent(name))),
    ),
    seeds: [...new Set(fields.seeds)],
    target: fields.target === undefined ? undefined : String(fields.target),
  };
}

/** Files are called by their own names in tables, unless two would be called the same. */
function withFileNames(sources: readonly ModelSource[]): ModelSource[] {
  const short = sources.map((source) => (source.definition.name === 'onnx' ? fileName(source) : source.label));
  return sources.map((source, index) => {
    const label = short[index]!;
    return short.indexOf(label) === short.lastIndexOf(label) ? { ...source, label } : source;
  });
}

function fileName({ params }: ModelSource): string {
  if (params['name']) return String(params['name']);
  const name = basename(String(params['path']));
  // Of a file of the store the beginning of its checksum is enough.
  return name.replace(/^([0-9a-f]{12})[0-9a-f]{52}\.onnx$/, '$1.onnx');
}
