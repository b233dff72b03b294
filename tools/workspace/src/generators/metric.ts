import type { Tree } from '@nx/devkit';

import { pageText } from '../page';
import { type ComponentOptions, writeComponent } from './component';

/** A new metric in libs/metrics. */
export default function metric(tree: Tree, options: ComponentOptions) {
  return writeComponent(tree, 'metric', options, ({ name, camel }) => ({
    source: `
import { defineMetric, type Estimate, RampartError } from '@rampart/core';
import { z } from 'zod';

import { checkOutcome } from './check-outcome';

/** Say what it measures. */
export const ${camel} = defineMetric({
  name: '${name}',
  summary: 'One sentence for rampart list.',
  source: 'Authors, year, "title", section or equation; interval: author (year)',
  version: 1,
  params: z.object({}),
  unit: 'fraction',
  // wilson gives the interval of a fraction, bootstrapMean that of a mean.
  compute(_params, outcome): Estimate | undefined {
    checkOutcome(outcome);
    throw new RampartError({
      code: 'contract',
      message: \`Metric "${name}" computes nothing yet: received an outcome of \${outcome.labels.length} instances. Write compute in libs/metrics/src/${name}.ts: return { value, low, high, count }.\`,
    });
  },
});
`,
    spec: `
import { describeMetric } from '@rampart/testing';

import { ${camel} } from './${name}';

describeMetric(${camel});
`,
    page: pageText(name, 'What is counted, over which instances, and how its interval is made.'),
    next: `fill in compute in libs/metrics/src/${name}.ts.`,
  }));
}
