import { basename, resolve } from 'node:path';

import {
  type Attack,
  type Audit,
  bindThreats,
  type BoundAttacks,
  type ComponentSpec,
  type DatasetSource,
  type Defense,
  type Device,
  type FilledThreat,
  formatComponent,
  formatThreat,
  isVisible,
  messageOf,
  type Metric,
  type NormName,
  parseComponent,
  parseComponents,
  parseNumber,
  parseThreats,
  RampartError,
  type Threat,
} from '@rampart/core';
import { z } from 'zod';

import { attacks, audits, components, datasets, defenses, metrics, modelSources, type ModelSource } from './components';
import { readDocument, type TextOrigin } from './experiment-document';
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

/** Of more copies nobody has seen the end. */
const MOST_COPIES = 10_000_000;

const certify = z
  .strictObject({
    samples: z.int().positive().max(MOST_COPIES).default(1000).describe('Noisy copies that a certificate rests on.'),
    selection: z.int().positive().max(MOST_COPIES).default(100).describe('Noisy copies that its class is chosen by.'),
    alpha: z.number().gt(0).lt(1).default(0.001).describe('The probability with which a certificate may be wrong.'),
    limit: z
      .int()
      .positive()
      .optional()
      .describe('Instances of the test set, the first ones; all where nothing is said.'),
  })
  .describe('Certifies smoothed models: what they answer right within an l2 distance, whatever the attack.');

/** A number, or a fraction as text. */
const numeric = z.union([
  z.number(),
  z.string().transform((text, context) => {
    try {
      return parseNumber(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
      return z.NEVER;
    }
  }),
]);

const sweep = z.strictObject({
  attack: z.string().describe('The attack whose parameter varies.'),
  parameter: z.string().describe('The name of that parameter.'),
  values: z.array(numeric).min(1).describe('Its values; fractions such as 8/255 as well.'),
});

const feasible = z.strictObject({
  frozen: z
    .union([z.string(), z.array(z.int().nonnegative())])
    .optional()
    .describe('Features that may not change: a mask as .npy (not 0: frozen), or their indices.'),
  lower: z.string().optional().describe('Lower bounds of the features, as .npy.'),
  upper: z.string().optional().describe('Upper bounds of the features, as .npy.'),
  values: z.enum(['integer', '8-bit']).optional().describe('The values that a changed feature may take.'),
});

/** Enough for every remedy of most findings. */
export const REMEDY_BUDGET = 20_000;

/** The fields of an experiment file. */
export const experimentFields = z.strictObject({
  name: z
    .string()
    .max(200)
    .refine((name) => name.trim() !== '' && isVisible(name), 'Expected a name of one line, without control characters')
    .describe('What lists and reports call the run.'),
  description: z.string().optional().describe('What it is about.'),
  published: z
    .enum(['mnist', 'cifar10'])
    .optional()
    .describe("Whose figures of the publication reports show beside the run's own."),
  plugins: z.array(z.string().min(1)).default([]).describe('Files, folders or packages with further components.'),
  stepTimeLimit: z
    .number()
    .positive()
    .optional()
    .describe(
      'Seconds after which a step that does not end is stopped; an hour for steps of plugins unless said otherwise.',
    ),
  dataset: z.string().describe('Data to train and attack on: mnist(classes=[4, 7]), the malicious class first.'),
  models: z.array(z.string()).min(1).describe('Architectures to train, or files: lenet5, onnx(path=model.onnx).'),
  training,
  threats: z
    .array(z.string())
    .default([])
    .describe('What the attacker may do, such as linf(8/255); attacks that name no epsilon of their own run at each.'),
  feasible: feasible.optional().describe("What instances may become, beside the threats' balls."),
  attacks: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('What models are attacked with; with threats, what answers each of them best where nothing is said.'),
  defenses: z.array(z.string()).default([]).describe('What models are hardened with: rad(attack=adam).'),
  examples: z
    .array(z.enum(['static', 'adaptive', 'transfer']))
    .min(1)
    .default(['static', 'adaptive'])
    .describe(
      'static: made against the first model and replayed; adaptive: made against each model itself; transfer: made against every other model and replayed.',
    ),
  rounds: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe(
      'Rounds of the repeated game at most: each defends the model of the round before, and attacks what comes of it.',
    ),
  sweeps: z.array(sweep).default([]).describe('Curves of recall over a parameter of an attack.'),
  metrics: z.array(z.string()).optional().describe('Figures to take; all of them where nothing is said.'),
  audits: z
    .array(z.string())
    .optional()
    .describe('What is looked into that might make figures doubtful; all audits where nothing is said, none for [].'),
  remedyBudget: z
    .int()
    .positive()
    .default(REMEDY_BUDGET)
    .describe('Evaluations of the model, an attackable instance and threat, that the remedies of findings may take.'),
  certify: certify.optional(),
  device: z
    .enum(['cpu', 'webgpu', 'cuda'])
    .default('cpu')
    .describe('Where attacks and trainings compute their gradients; what judges and audits is always on the CPU.'),
  seeds: z.array(z.int().nonnegative()).min(1).max(1000).default([1]).describe('Each is a repetition of everything.'),
  target: z
    .union([z.string(), z.number()])
    .optional()
    .describe(
      'The class that attacked instances are to be taken for; least-likely, random or each; any wrong one where nothing is said.',
    ),
});

export type TrainingParams = z.output<typeof training>;

/** How smoothed models are certified. */
export type CertifyParams = z.output<typeof certify>;

/** What instances may become, as an experiment file says it; its files by their absolute paths. */
export type FeasibleFiles = z.output<typeof feasible>;

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
  /** What is asked about, and which of the attacks answer it. */
  readonly threats: readonly FilledThreat[];
  readonly feasible: FeasibleFiles | undefined;
  readonly defenses: readonly Defense[];
  readonly examples: readonly ('static' | 'adaptive' | 'transfer')[];
  /** Of the repeated game, at most; 1 for a defense that is judged once. */
  readonly rounds: number;
  readonly sweeps: readonly Sweep[];
  readonly metrics: readonly Metric[];
  readonly audits: readonly Audit[];
  /** Evaluations an attackable instance that remedies may take at one threat. */
  readonly remedyBudget: number;
  /** Where attacks compute. */
  readonly device: Device;
  /** How smoothed models are certified; undefined where nobody wants to know. */
  readonly certify: CertifyParams | undefined;
  readonly seeds: readonly number[];
  /**
   * The class that attacked instances are to be taken for, by its name, how it is chosen (`TARGET_CHOICES`), or a file with
   * one of each test instance; any wrong
   * one where nothing is said.
   */
  readonly target: string | undefined;
}

/**
 * Reads an experiment file.
 * @param text YAML
 * @param origin the name of its file, for errors, or what else it comes from
 * @param folder what the paths of its plugins start from
 * @throws RampartError `usage` that names line and field
 */
export function parseExperiment(text: string, origin: TextOrigin, folder: string = process.cwd()): Experiment {
  const document = readDocument(text, origin);
  const fields = document.read(experimentFields);
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
  const each = <T>(field: 'models' | 'defenses', read: (spec: ComponentSpec) => T): T[] =>
    fields[field].map((item, index) => at([field, index], () => read(parseComponent(item))));

  const bindAttacks = (): BoundAttacks => {
    const specs = fields.attacks?.map((item, index) => at(['attacks', index], () => parseComponent(item)));
    if (!specs && threats.length === 0) {
      throw document.fault(
        [],
        'neither attacks nor threats are named. Say what the model is attacked with, or what it is to withstand: "threats: [linf(8/255)]".',
      );
    }
    const bind = (some: readonly ComponentSpec[]) => bindThreats(some, threats, attacks, components);
    // One by one first, so that an error names its place.
    specs?.forEach((spec, index) => at(['attacks', index], () => bind([spec])));
    const bound = bind(specs ?? defaultAttacks(threats));
    const idle = bound.threats.find(({ fills }) => fills.length === 0);
    if (idle && specs) {
      throw document.fault(
        ['threats'],
        `none of the attacks answers ${formatThreat(idle.threat)}. Add one that knows its norm, such as ${DEFAULT_ATTACKS[idle.threat.norm][0]!}.`,
      );
    }
    return bound;
  };

  // First, since everything else may name their components.
  const plugins = fields.plugins.map((reference, index) =>
    at(['plugins', index], () => {
      tryLoading(reference, folder, fields.stepTimeLimit);
      return usePlugin(reference, folder);
    }),
  );
  const threats = at(['threats'], () => parseThreatList(fields.threats));
  const bound = bindAttacks();
  return {
    name: fields.name,
    text,
    published: fields.published,
    plugins,
    stepTimeLimit: fields.stepTimeLimit,
    dataset: at(['dataset'], () => datasets.resolve(parseComponent(fields.dataset))),
    models: withFileNames(each('models', (spec) => modelSources.resolve(spec))),
    training: fields.training,
    attacks: bound.attacks,
    threats: bound.threats,
    feasible: fields.feasible && absolute(fields.feasible, folder),
    defenses: each('defenses', (spec) => defenses.resolve(spec, components)),
    examples: at(['examples'], () => examplesOf(fields)),
    rounds: at(['rounds'], () => roundsOf(fields)),
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
    audits: fields.audits
      ? fields.audits.map((name, index) => at(['audits', index], () => audits.resolve(parseComponent(name))))
      : audits.names().map((name) => audits.resolve({ name, params: {} })),
    remedyBudget: fields.remedyBudget,
    device: fields.device,
    certify: fields.certify,
    seeds: [...new Set(fields.seeds)],
    target: fields.target === undefined ? undefined : targetIn(String(fields.target), folder),
  };
}

/** What a command line names: audits parted by commas, or `none`. @throws RampartError `usage` */
export function auditList(text: string): string[] {
  return text.trim() === 'none' ? [] : parseComponents(text).map(formatComponent);
}

/**
 * What answers a threat where an experiment names no attacks: a budget attack where there is one, and for the curve what
 * comes nearest to the best examples known of the reference models, at the same number of gradients.
 */
const DEFAULT_ATTACKS: Readonly<Record<NormName, readonly string[]>> = {
  linf: ['autoattack', 'pdpgd'],
  l2: ['autoattack', 'ddn'],
  l1: ['autoattack', 'brendel-bethge'],
  l0: ['sigma-zero', 'brendel-bethge'],
};

function defaultAttacks(threats: readonly Threat[]): ComponentSpec[] {
  const norms = [...new Set(threats.map(({ norm }) => norm))];
  return norms.flatMap((norm) => DEFAULT_ATTACKS[norm].map((name) => ({ name, params: { norm } })));
}

function parseThreatList(texts: readonly string[]): readonly Threat[] {
  return texts.length === 0 ? [] : parseThreats(texts.join(','));
}

/** @throws RampartError `usage` where examples are to be replayed that nobody makes */
function examplesOf({ examples }: z.output<typeof experimentFields>): Experiment['examples'] {
  if (!examples.includes('transfer') || examples.includes('adaptive')) return examples;
  throw new RampartError({
    code: 'usage',
    message: `"transfer" replays the examples that "adaptive" makes against each model. Received ${examples.join(', ')}. Add "adaptive".`,
  });
}

/** @throws RampartError `usage` where a game has nobody to play it */
function roundsOf({ rounds, defenses, examples }: z.output<typeof experimentFields>): number {
  if (rounds === 1) return rounds;
  const missing = defenses.length === 0 ? 'defenses: [rad(attack=fgs(epsilon=0.1))]' : 'examples: [static, adaptive]';
  if (defenses.length > 0 && examples.includes('adaptive')) return rounds;
  throw new RampartError({
    code: 'usage',
    message: `${rounds} rounds of a game need a defense, and attacks on what it makes. Add "${missing}".`,
  });
}

/** A file by its absolute path, anything else as it is. */
function targetIn(target: string, folder: string): string {
  return target.endsWith('.npy') ? resolve(folder, target) : target;
}

function absolute(files: FeasibleFiles, folder: string): FeasibleFiles {
  const at = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  const { frozen, lower, upper, values } = files;
  return {
    ...(frozen !== undefined && { frozen: typeof frozen === 'string' ? at(frozen)! : frozen }),
    ...(lower !== undefined && { lower: at(lower)! }),
    ...(upper !== undefined && { upper: at(upper)! }),
    ...(values !== undefined && { values }),
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
