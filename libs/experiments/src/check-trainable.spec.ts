import path from 'node:path';

import { checkHardenable } from './check-trainable';
import { type Experiment, parseExperiment } from './experiment';
import type { OnnxFileParams } from './model-file';

const LENET5 = path.join(__dirname, '../../../test/fixtures/models/lenet5-torchscript-opset13.onnx');

function asking(defense: string): [Experiment, OnnxFileParams] {
  const text = `name: weights\ndataset: mnist\nmodels: ['onnx(path="${LENET5}")']\ndefenses: [${defense}]\nattacks: [cg]\n`;
  const experiment = parseExperiment(text, 'weights.yaml');
  return [experiment, experiment.models[0]!.params as OnnxFileParams];
}

it.each(['rad(attack=cg)', 'aec(attack=cg)'])(
  'refuses what is too large for a file that %s could write',
  async (it) => {
    await expect(checkHardenable(...asking(it), 10_000)).rejects.toThrow(
      /lenet5.*cannot be hardened: its weights take 0\.00 GB.*at most/,
    );
    await expect(checkHardenable(...asking(it))).resolves.toBeUndefined();
  },
);
