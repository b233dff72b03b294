import { existsSync } from 'node:fs';

import type { ArtifactStore } from '@rampart/results';

/** The place of a model file in some store, as experiments that the dashboard writes name it. */
const STORED = /[^"'\\\n]*\/[0-9a-f]{2}\/([0-9a-f]{64})\.onnx/g;

/**
 * An experiment whose model files are of the store, with paths where this machine has them: they may be in storage that
 * has none, or in a folder, or a copy, that another machine has under that path.
 * @throws RampartError `damaged` when the store has no such file, or not as it was
 */
export async function withStoredFiles(experiment: string, artifacts: ArtifactStore): Promise<string> {
  let text = experiment;
  for (const [place, checksum] of experiment.matchAll(STORED)) {
    if (!existsSync(place))
      text = text.replaceAll(place, await artifacts.file({ checksum: checksum!, extension: 'onnx' }));
  }
  return text;
}
