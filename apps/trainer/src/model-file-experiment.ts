import { basename, resolve } from 'node:path';

import { type EvaluationRequest, evaluationText, type Experiment, parseExperiment } from '@rampart/experiments';

import type { ModelFileArguments } from './model-file-options';
import type { RunArguments } from './perform';
import { isQuiet } from './print-options';

/** What a field of its experiment was on the command line. */
const FIELD_OPTIONS = {
  ...{ models: 'the model', dataset: '--dataset', attacks: '--attacks', threats: '--threats', defenses: '--defense' },
  ...{ target: '--target', audits: '--audits', remedyBudget: '--remedy-budget', device: '--device', seeds: '--seeds' },
  ...{ feasible: '--frozen, --lower, --upper or --values', name: '--name' },
};

/** The experiment that such a command stands for. Its text is shown, so that it can be kept and run again. */
export function modelFileExperiment(
  verb: 'evaluate' | 'harden' | 'gate',
  file: string,
  options: ModelFileArguments & { readonly defense?: string },
): Experiment {
  const label = options.name ?? basename(file);
  const text = evaluationText({
    name: `${verb} ${label}`,
    path: resolve(file),
    label: options.name,
    preprocess: options.preprocess,
    output: options.output,
    positiveIndex: options.positiveIndex,
    feed: options.feed,
    attackAt: options.attackAt,
    dataset: options.dataset,
    classes: options.classes,
    attacks: options.attacks ?? (options.threats === undefined ? 'fgs(epsilon=0.1),cg,adam' : undefined),
    threats: options.threats,
    feasible: feasibleOf(options),
    defenses: options.defense,
    target: options.target?.endsWith('.npy') ? resolve(options.target) : options.target,
    audits: options.audits,
    remedyBudget: options.remedyBudget,
    device: options.device,
    seeds: options.seed ?? options.seeds,
  });
  return parseExperiment(text, { title: `rampart ${verb}`, options: FIELD_OPTIONS, made: true });
}

/** What the options say about features; undefined where they say nothing. */
function feasibleOf({ frozen, lower, upper, values }: ModelFileArguments): EvaluationRequest['feasible'] {
  const said = {
    ...(frozen !== undefined && {
      frozen: /^[\d,\s]+$/.test(frozen) ? frozen.split(',').map(Number) : resolve(frozen),
    }),
    ...(lower !== undefined && { lower: resolve(lower) }),
    ...(upper !== undefined && { upper: resolve(upper) }),
    ...(values !== undefined && { values }),
  };
  return Object.keys(said).length === 0 ? undefined : said;
}

/** What running it takes. */
export function runArguments({ store, dataDir, workers, json, dryRun }: ModelFileArguments): RunArguments {
  return {
    store,
    workers,
    engine: 'onnx',
    ...(dataDir !== undefined && { dataDir }),
    ...(json !== undefined && { json }),
    ...(dryRun !== undefined && { dryRun }),
  };
}

/** Prints the experiment as the file that `rampart run` would take. */
export function showExperiment({ text }: Experiment): void {
  if (isQuiet()) return;
  const lines = text.trimEnd().split('\n');
  process.stdout.write(`The same as "rampart run" on this file:\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}
