import { writeFile } from 'node:fs/promises';

import type { WorkOptions } from '@rampart/core';
import { CORE_VERSION } from '@rampart/experiments';
import { formatReport, modelCard, modelInfoFiles, type RobustFigure, robustFigures, sarifLog } from '@rampart/reports';
import type { RunRecord, Store } from '@rampart/results';

import { writeExamples } from './examples';
import type { Export } from './exports';
import { writeHardened } from './write-hardened';
import { writeModelInfo } from './write-model-info';
import { refuseExisting, writeNew } from './write-new';

/** How it is done, and where the data of a run is that is read again. */
export interface ExportOptions extends WorkOptions {
  readonly dataDir?: string | undefined;
}

/**
 * Writes what a run found out in a form for others: a folder (examples, robustbench, hardened) or a file. It is there
 * whole, or not at all.
 * @throws RampartError `usage` where there is something at `output` already, or nothing to export
 */
export async function exportRun(
  what: Export,
  output: string,
  store: Store,
  run: RunRecord,
  options: ExportOptions = {},
): Promise<void> {
  await refuseExisting(output);
  const file = (text: string) => writeNew(output, (path) => writeFile(path, text));
  switch (what) {
    case 'examples':
      return writeNew(output, (folder) => writeExamples(folder, store, run, options));
    case 'hardened':
      return writeNew(output, (folder) => writeHardened(folder, store, run, options));
    case 'report':
      return file(await formatReport(store, run, 'html'));
    case 'card':
      return file(modelCard(await robustFigures(store, run)));
    case 'robustbench': {
      const files = modelInfoFiles(await robustFigures(store, run));
      return writeNew(output, (folder) => writeModelInfo(folder, files));
    }
    case 'sarif': {
      const log = sarifLog(
        await robustFigures(store, run),
        (figure) => modelFile(store, figure),
        process.cwd(),
        CORE_VERSION,
      );
      return file(`${JSON.stringify(log, null, 2)}\n`);
    }
  }
}

/** The file that somebody brought, or the one in the store of a model that was trained or hardened. */
function modelFile(store: Store, { model, figure }: RobustFigure): string {
  if (typeof model?.facts['file'] === 'string') return model.facts['file'];
  return model ? store.artifacts.address({ checksum: model.artifact, extension: 'onnx' }) : figure.model;
}
