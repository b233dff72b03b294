import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { RampartError } from '@rampart/core';
import { experimentSchema } from '@rampart/experiments';

import { commandLine } from '../command-line';
import { writeWhole } from '../report/write-report';

/** `rampart init`. */
export async function init(file: string): Promise<void> {
  if (existsSync(file)) {
    throw new RampartError({ code: 'usage', message: `${file} exists already. Name another file.` });
  }
  const schema = join(dirname(file), SCHEMA);
  await writeWhole(schema, `${JSON.stringify(experimentSchema(), null, 2)}\n`);
  await writeWhole(file, experimentText(basename(file).replace(/\.ya?ml$/i, '')));
  process.stdout.write(
    `${file} is an experiment to start from, and ${schema} lets editors complete and check it.\n` +
      `  ${commandLine(['run', file, '--dry-run'])}   shows its steps\n` +
      `  ${commandLine(['run', file])}             runs it\n`,
  );
}

/** What editors check experiment files by, beside the file. */
const SCHEMA = 'experiment.schema.json';

function experimentText(name: string): string {
  return `# yaml-language-server: $schema=./${SCHEMA}
# An experiment of Rampart. "rampart list" names all that can stand here, "rampart list attacks pgd" tells about one.

# What lists and reports call it.
name: ${name}

# The data. Of two classes the first is the malicious one, which is attacked; classes=all attacks every class.
# Limits make a first try quick: take them out for figures to rely on.
dataset: mnist(classes=all, trainLimit=2000, testLimit=200)

# What is attacked: architectures that are trained here, or files of yours.
models: [lenet5]
#  - onnx(path=model.onnx)

# How architectures are trained.
training:
  epochs: 2
  batchSize: 64
  learningRate: 0.001

# What an attacker may do: norms with their epsilons, in the units of the pixels, here from -0.5 to 0.5.
threats: [linf(8/255), l2(0.5)]

# Attacks; left out, what answers each threat best. An entry with a comma is quoted.
attacks: [pgd, fmn]
#  - 'autoattack(version=plus, norm=linf)'

# What models are hardened with; each is measured beside them.
#defenses: ['rad(attack=pgd(epsilon=8/255), rounds=2)']

# adaptive: examples made against each model itself. static: against the first model, and replayed on the others, which
# proves nothing by itself.
examples: [adaptive]

# Each seed repeats everything.
seeds: [1]
`;
}
