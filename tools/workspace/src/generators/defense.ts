import type { Tree } from '@nx/devkit';

import { pageText } from '../page';
import { type ComponentOptions, writeComponent } from './component';

/** A new defense in libs/defenses. */
export default function defense(tree: Tree, options: ComponentOptions) {
  return writeComponent(tree, 'defense', options, ({ name, camel }) => ({
    source: `
import { defineDefense, RampartError } from '@rampart/core';
import { z } from 'zod';

import { retraining } from './retraining';

/** Say what it does, and by which paper and equation. */
export const ${camel} = defineDefense({
  name: '${name}',
  summary: 'One sentence for rampart list.',
  source: 'Authors, year, "title", section or equation',
  version: 1,
  params: z.object({ ...retraining }),
  // From the undefended model's file to the defended one's: problem.model, problem.train, problem.engine, problem.rng.
  harden: (params, { classes }) =>
    Promise.reject(
      new RampartError({
        code: 'contract',
        message: \`Defense "${name}" does nothing yet: received \${params.epochs} epochs and \${classes} classes. Write it in libs/defenses/src/${name}.ts: return { model, curves, facts }.\`,
      }),
    ),
});
`,
    spec: `
import { describeDefense } from '@rampart/testing';

import { defenseArena } from './defense-arena.kit';
import { ${camel} } from './${name}';

describeDefense(${camel}, defenseArena({ epochs: 1 }));
`,
    page: pageText(name, 'What the defense changes about the model, and how it is trained.'),
    next: `fill in harden in libs/defenses/src/${name}.ts.`,
  }));
}
