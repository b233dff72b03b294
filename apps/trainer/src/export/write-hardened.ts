import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isRampartError, RampartError } from '@rampart/core';
import { checkHardenable, hardenedFile, type OnnxFileParams, parseExperiment, prepare } from '@rampart/experiments';
import { FileNames } from '@rampart/reports';
import type { ModelRecord, RunRecord, Store } from '@rampart/results';

import { withStoredFiles } from '../with-stored-files';
import type { ExportOptions } from './export-run';

/** The file of the folder that says which model each of the others is: `HardenedList`. */
export const HARDENED_LIST = 'hardened.json';

/** What a folder of hardened files has, and what of the run's models it has not. */
export interface HardenedList {
  readonly run: string;
  readonly files: readonly {
    readonly file: string;
    readonly model: string;
    readonly seed: number;
    /** SHA-256 of the model in the store that the run's figures are of. */
    readonly artifact: string;
    /** What rounding to the file's own float types has changed. */
    readonly note?: string;
  }[];
  readonly leftOut: readonly {
    readonly model: string;
    readonly seed: number;
    readonly artifact: string;
    readonly why: string;
  }[];
}

/**
 * Writes a folder with the models that a run hardened from files: each takes what its original takes and gives what that
 * gives, which the run's own models, made for attacks, do not.
 * @throws RampartError `usage` where the run has hardened no file, or none can be written back
 */
export async function writeHardened(
  folder: string,
  store: Store,
  run: RunRecord,
  { dataDir, signal, onProgress }: ExportOptions,
): Promise<void> {
  const models = await store.models.ofRun(run.id);
  const asked = parseExperiment(
    await withStoredFiles(run.experiment, store.artifacts),
    `the experiment of run ${run.id}`,
  );
  const ofFiles = asked.models.filter(({ definition }) => definition.name === 'onnx').map(({ label }) => label);
  const hardened = models.flatMap((model) => {
    const origin = originOf(model, models);
    const defense = asked.defenses.find(({ label }) => isBy(label, model));
    return origin && defense && ofFiles.includes(origin.label) ? [{ model, origin, defense }] : [];
  });
  if (hardened.length === 0) {
    throw new RampartError({
      code: 'usage',
      message: `Run ${run.id} hardened no model file. Expected one with a model "onnx(path=...)" and a defense.`,
    });
  }
  const { experiment, dataset } = await prepare(asked, {
    engine: run.engine,
    ...(dataDir !== undefined && { dataDir }),
    ...(signal && { signal }),
  });
  await mkdir(folder);
  const names = new FileNames();
  const files: HardenedList['files'][number][] = [];
  const leftOut: HardenedList['leftOut'][number][] = [];
  for (const [index, { model, origin, defense }] of hardened.entries()) {
    const { label, seed, artifact } = model;
    onProgress?.({ done: index, total: hardened.length, unit: 'models' });
    const params = experiment.models.find((one) => one.label === origin.label)!.params as OnnxFileParams;
    try {
      await checkHardenable({ defenses: [defense] }, params);
      const bytes = await store.artifacts.read({ checksum: artifact, extension: 'onnx' });
      const lineage = { defense: defense.label, dataset: run.dataset, seed, plan: run.planKey };
      const { bytes: written, note } = await hardenedFile(params, bytes, dataset, lineage);
      const file = `${names.unique(run.seeds.length > 1 ? `${label} seed ${seed}` : label)}.onnx`;
      await writeFile(join(folder, file), written);
      files.push({ file, model: label, seed, artifact, ...(note !== undefined && { note }) });
    } catch (error) {
      if (!isRampartError(error) || hardened.length === 1) throw error;
      leftOut.push({ model: label, seed, artifact, why: error.message });
    }
  }
  if (files.length === 0) throw new RampartError({ code: 'usage', message: leftOut[0]!.why });
  const list: HardenedList = { run: run.id, files, leftOut };
  await writeFile(join(folder, HARDENED_LIST), `${JSON.stringify(list, null, 2)}\n`);
}

/** Whether a model is what a defense made, of one model or of several, in one round or in the last of some. */
function isBy(defense: string, { label }: ModelRecord): boolean {
  return label === defense || [' on ', ', round '].some((more) => label.startsWith(`${defense}${more}`));
}

/** The model of the run that another was made from in the end; undefined for one that was made from none. */
function originOf(model: ModelRecord, models: readonly ModelRecord[]): ModelRecord | undefined {
  const parent = models.find(({ step, seed }) => seed === model.seed && model.parents.includes(step));
  return parent && (originOf(parent, models) ?? parent);
}
