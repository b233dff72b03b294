import type { Tree } from '@nx/devkit';

import { pageText } from '../page';
import { type ComponentOptions, writeComponent } from './component';

/** A new audit in libs/audits. */
export default function audit(tree: Tree, options: ComponentOptions) {
  return writeComponent(tree, 'audit', options, ({ name, camel }) => ({
    source: `
import { defineAudit, type Doubt, RampartError } from '@rampart/core';
import { z } from 'zod';

/** Say what makes a figure doubtful. */
export const ${camel} = defineAudit({
  name: '${name}',
  summary: 'One sentence for rampart list.',
  source: 'Authors, year, "title", section',
  version: 1,
  params: z.object({}),
  remedies: [],
  inspect(_params, subject): readonly Doubt[] {
    throw new RampartError({
      code: 'contract',
      message: \`Audit "${name}" looks at nothing yet: received the figure of \${subject.label}. Write inspect in libs/audits/src/${name}.ts: return { severity, summary, evidence } for each doubt.\`,
    });
  },
});
`,
    spec: `
import { attacks } from '@rampart/attacks';
import { describeAudit } from '@rampart/testing';

import { ${camel} } from './${name}';

describeAudit(${camel}, { attacks });
`,
    page: pageText(name, 'What is looked at, when it is a doubt and how serious, and what helps.'),
    next: `fill in inspect in libs/audits/src/${name}.ts, and plant its fault in libs/audits/src/planted.kit.ts.`,
  }));
}
