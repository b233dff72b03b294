import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import {
  formatThreat,
  isMissingFile,
  messageOf,
  parseThreats,
  RampartError,
  readWholeFile,
  unknownName,
} from '@rampart/core';
import { parseDocument } from 'yaml';
import { z } from 'zod';

import { auditList, type Experiment, parseExperiment } from './experiment';
import { type ExperimentDocument, readDocument } from './experiment-document';

const PRESETS = join(__dirname, '..', 'presets');

/** A file that names others. */
const listSchema = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  /** Presets by their names, or files, from this file's folder on. */
  experiments: z.array(z.string().min(1)).min(1),
});

/** The names of the experiments that come with Rampart. */
export async function presetNames(): Promise<string[]> {
  const files = await readdir(PRESETS);
  return files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length));
}

/** The experiments that come with Rampart, each with the comment that it begins with. */
export async function describePresets(): Promise<readonly { readonly name: string; readonly summary: string }[]> {
  const names = (await presetNames()).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = (await readWholeFile(join(PRESETS, `${name}.yaml`))).toString();
      const comment = /^(?:#.*\n)+/.exec(text)?.[0] ?? '';
      return { name, summary: comment.replaceAll(/^# ?/gm, '').replaceAll('\n', ' ').trim() };
    }),
  );
}

/**
 * Reads an experiment, by a preset's name or from a file, or all those that a list of experiments names, in its order.
 * Everything is checked before any of it is returned.
 * @throws RampartError `usage` where there is neither, or where something in it is wrong
 */
export async function readExperiments(
  nameOrFile: string,
  changes: ExperimentChanges = {},
): Promise<readonly Experiment[]> {
  const source = await readSource(nameOrFile, process.cwd());
  const document = readDocument(source.text, source.title);
  return isList(document) ? readList(document, source, changes) : [parseSource(source, changes)];
}

/** What is asked for instead of what the file says. */
export interface ExperimentChanges {
  /** `linf(8/255),l2(0.5)` */
  readonly threats?: string | undefined;
  /** `randomised,rounding`; `none` for none. */
  readonly audits?: string | undefined;
  readonly remedyBudget?: number | undefined;
  /** `cpu`, `webgpu` or `cuda` */
  readonly device?: string | undefined;
}

/** The options that change a field. */
const OPTIONS = {
  threats: '--threats',
  audits: '--audits',
  remedyBudget: '--remedy-budget',
  device: '--device',
} as const;

async function readList(
  document: ExperimentDocument,
  { folder }: Source,
  changes: ExperimentChanges,
): Promise<readonly Experiment[]> {
  const { experiments: names } = document.read(listSchema);
  const result: Experiment[] = [];
  for (const [index, name] of names.entries()) {
    const path = ['experiments', index];
    if (names.indexOf(name) < index) throw document.fault(path, `"${name}" is named twice.`);
    try {
      const source = await readSource(name, folder);
      if (isList(readDocument(source.text, source.title))) {
        throw new RampartError({
          code: 'usage',
          message: `"${name}" is a list of experiments itself. Expected an experiment: name those of that list here.`,
        });
      }
      result.push(parseSource(source, changes));
    } catch (error) {
      throw document.fault(path, messageOf(error), error);
    }
  }
  return result;
}

function isList(document: ExperimentDocument): boolean {
  return document.at(['experiments']) !== undefined;
}

interface Source {
  readonly text: string;
  /** What errors call it. */
  readonly title: string;
  /** What paths in it start from. */
  readonly folder: string;
}

function parseSource({ text, title, folder }: Source, changes: ExperimentChanges): Experiment {
  const { threats, audits, remedyBudget, device } = changes;
  if ([threats, audits, remedyBudget, device].every((change) => change === undefined)) {
    return parseExperiment(text, title, folder);
  }
  const changed = { threats, audits, remedyBudget, device };
  const options = Object.fromEntries(
    Object.entries(OPTIONS).filter(([field]) => changed[field as keyof typeof changed] !== undefined),
  );
  // The text of the run is what was run: as the file has it, with these changes.
  const document = parseDocument(text);
  if (threats !== undefined) document.set('threats', parseThreats(threats).map(formatThreat));
  if (audits !== undefined) document.set('audits', auditList(audits));
  if (remedyBudget !== undefined) document.set('remedyBudget', remedyBudget);
  if (device !== undefined) document.set('device', device);
  return parseExperiment(document.toString({ lineWidth: 0 }), { title, options, made: false }, folder);
}

async function readSource(nameOrFile: string, folder: string): Promise<Source> {
  const presets = await presetNames();
  const isPreset = presets.includes(nameOrFile);
  if (/\.onnx$/i.test(nameOrFile)) {
    throw new RampartError({
      code: 'usage',
      message: `${nameOrFile} is a model, and no experiment. Did you mean "rampart evaluate ${nameOrFile} --dataset NAME"?`,
    });
  }
  const file = isPreset ? join(PRESETS, `${nameOrFile}.yaml`) : resolve(folder, nameOrFile);
  try {
    const title = isPreset ? `preset ${nameOrFile}` : nameOrFile;
    return { text: (await readWholeFile(file)).toString('utf8'), title, folder: dirname(file) };
  } catch (error) {
    if (!/[./\\]/.test(nameOrFile)) throw unknownName('experiment', nameOrFile, presets);
    throw new RampartError({
      code: isMissingFile(error) ? 'missing' : 'usage',
      message: `The experiment file ${nameOrFile} cannot be read: ${messageOf(error)}. Name a file or one of the presets: ${presets.join(', ')}.`,
      cause: error,
    });
  }
}
