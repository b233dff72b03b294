import { constants } from 'node:fs';
import { access, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { messageOf, RampartError } from '@rampart/core';
import { checkHardenable, type Experiment, hardenedFile, type OnnxFileParams } from '@rampart/experiments';
import { differenceLines, formatFigure, measuredText, readStandings } from '@rampart/reports';
import type { RunRecord, Store } from '@rampart/results';

import { modelFileExperiment, runArguments, showExperiment } from '../model-file-experiment';
import type { ModelFileArguments } from '../model-file-options';
import { perform } from '../perform';

export interface HardenArguments extends ModelFileArguments {
  readonly defense: string;
  readonly engine: string;
  readonly out: string;
}

/** `rampart harden`. */
export async function harden(file: string, options: HardenArguments): Promise<void> {
  const out = resolve(options.out);
  await checkWritable(out);
  const experiment = modelFileExperiment('harden', file, options);
  checkSingle(experiment);
  const params = experiment.models[0]!.params as OnnxFileParams;
  await checkHardenable(experiment, params);
  await perform(
    experiment,
    { ...runArguments(options), engine: options.engine, ...(!options.json && { before: showExperiment }) },
    async (run, store, { dataset, experiment: prepared }) => {
      const { bytes, seed } = await hardenedModel(run, store, experiment);
      const lineage = { defense: options.defense, dataset: run.dataset, seed, plan: run.planKey };
      const taken = prepared.models[0]!.params as OnnxFileParams;
      const hardened = await hardenedFile(taken, bytes, dataset, lineage);
      await writeFile(out, hardened.bytes);
      const { note } = hardened;
      if (options.json)
        process.stdout.write(`${JSON.stringify({ type: 'hardened', file: out, ...(note && { note }) })}\n`);
      else
        process.stdout.write(
          `\n${await summary(run, store, experiment)}\nHardened file: ${out}\n${note ? `${note}\n` : ''}`,
        );
    },
  );
}

/** One file comes out of it, so there is one defense and one seed. */
function checkSingle({ defenses, seeds }: Experiment): void {
  if (defenses.length === 1 && seeds.length === 1) return;
  throw new RampartError({
    code: 'usage',
    message: `One hardened file is written: expected one defense and one seed. Received ${defenses.length} and ${seeds.length}. To compare several, name them in an experiment file.`,
  });
}

async function checkWritable(out: string): Promise<void> {
  try {
    await access(dirname(out), constants.W_OK);
  } catch (error) {
    throw new RampartError({
      code: 'usage',
      message: `The hardened file cannot be written to ${out}: ${messageOf(error)}.`,
      cause: error,
    });
  }
}

async function hardenedModel(run: RunRecord, store: Store, { defenses }: Experiment) {
  const label = defenses[0]!.label;
  const record = (await store.models.ofRun(run.id)).find((model) => model.label === label);
  if (!record) throw new RampartError({ code: 'store', message: `Run ${run.id} has no model "${label}".` });
  const bytes = await store.artifacts.read({ checksum: record.artifact, extension: 'onnx' });
  return { bytes, seed: record.seed };
}

/** The original and the hardened model side by side, each under attacks made against itself. */
async function summary(run: RunRecord, store: Store, { models, defenses }: Experiment): Promise<string> {
  const [before, after] = [models[0]!.label, defenses[0]!.label];
  const lines = (await readStandings(store, run))
    .filter(({ mode }) => mode === 'adaptive')
    .flatMap((table) => {
      const [first, second] = [before, after].map((label) => table.models.find(({ model }) => model === label));
      if (!first || !second) return [];
      const under = table.threat === undefined ? 'worst case' : `worst case under ${table.threat}`;
      return [
        `  robust accuracy, ${under}: ${measuredText(first.robustAccuracy)} -> ${measuredText(second.robustAccuracy)}`,
        ...first.attacks.flatMap(({ attack, success }) => {
          const other = second.attacks.find((one) => one.attack === attack);
          return other
            ? [`  success of ${attack}: ${percentOf(success.value)} -> ${percentOf(other.success.value)}`]
            : [];
        }),
        `  right without an attack: ${percentOf(first.cleanAccuracy.value)} -> ${percentOf(second.cleanAccuracy.value)}`,
        ...differenceLines(table).map((line) => `  ${line}`),
      ];
    });
  const title = 'Before and after, of the instances that could be attacked, attacks made against each model itself:';
  return [title, ...lines].join('\n');
}

function percentOf(rate: number): string {
  return formatFigure(rate, 'fraction');
}
