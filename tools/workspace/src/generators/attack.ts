import type { Tree } from '@nx/devkit';

import { pageText } from '../page';
import { type ComponentOptions, writeComponent } from './component';

/** A new attack in a folder of libs/attacks. */
export default function attack(tree: Tree, { name, folder = 'white-box' }: ComponentOptions) {
  const file = `libs/attacks/src/${folder}/${name}.ts`;
  return writeComponent(tree, 'attack', { name, folder }, ({ camel }) => ({
    source: attackSource(name, camel, file),
    spec: `
import { describeAttack } from '@rampart/testing';

import { ${camel} } from './${name}';

// Once for every norm; an attack that draws random numbers says so with random: true.
describeAttack(${camel}, { params: { epsilon: 0.1 } });
`,
    page: pageText(name, 'What the attack does, in the words of its source: the step, the loss, when it stops.'),
    next: `fill in the search in ${file}.`,
  }));
}

/** The source of an attack whose search is still to be written. */
export function attackSource(name: string, camel: string, file: string): string {
  return `
import { defineAttack, RampartError } from '@rampart/core';
import { z } from 'zod';

/** Say what it does, and by which paper and equation. */
export const ${camel} = defineAttack({
  name: '${name}',
  summary: 'One sentence for rampart list.',
  source: 'Authors, year, "title", section or equation',
  version: 1,
  // It looks for an example within epsilon; a 'minimum-norm' attack looks for the nearest one.
  family: 'budget',
  norms: ['linf'],
  params: z.object({
    steps: z.int().positive().default(10).describe('Steps of a run.'),
  }),
  each:
    ({ steps }) =>
    // Ask about points inside the ball and the bounds, which instance.project sees to: the best of them is kept.
    ({ features }) => {
      throw new RampartError({
        code: 'contract',
        message: \`Attack "${name}" has no search yet: received \${steps} steps for an instance of \${features} features. Write it in ${file}: ask about points, then return.\`,
      });
    },
});
`;
}
