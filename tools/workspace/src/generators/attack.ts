import type { Tree } from '@nx/devkit';

import { pageText } from '../page';
import { type ComponentOptions, writeComponent } from './component';

/** A new attack in libs/attacks. */
export default function attack(tree: Tree, options: ComponentOptions) {
  return writeComponent(tree, 'attack', options, ({ name, camel }) => ({
    source: attackSource(name, camel, `libs/attacks/src/${name}.ts`),
    spec: `
import { describeAttack } from '@rampart/testing';

import { ${camel} } from './${name}';

// An attack that draws random numbers says so: describeAttack(${camel}, { random: true }).
describeAttack(${camel});
`,
    page: pageText(name, 'What the attack does, in the words of its source: the step, the loss, when it stops.'),
    next: `fill in the search in libs/attacks/src/${name}.ts.`,
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
  params: z.object({
    epsilon: z
      .number()
      .positive()
      .default(0.1)
      .describe('Largest change of a pixel, in the units of the pixel box.')
      .meta({ shown: true }),
  }),
  threat: ({ epsilon }) => ({ norm: 'linf', epsilon }),
  create:
    ({ epsilon }) =>
    // One candidate an instance, inside problem.box and the budget; random numbers come from problem.rng(instance).
    ({ count }) => {
      throw new RampartError({
        code: 'contract',
        message: \`Attack "${name}" has no search yet: received \${count} instances and a budget of \${epsilon}. Write it in ${file}: return { candidates, iterations }.\`,
      });
    },
});
`;
}
