import { imageFacts, type InstanceOutcome, outcomeOf, type RunRecord, type Store } from '@rampart/results';

import { type InstanceDetails, instanceDetails } from './instance-details';
import type { Box } from './pictures';
import { readSamples, type Sample, type SampleFigure } from './samples';
import { attackedRows } from './shown-samples';

/** What one attack made of a test sample against one model, and all that is known of it. */
export interface ExampleItem extends Sample {
  readonly model: string;
  readonly outcome: InstanceOutcome;
  readonly details: InstanceDetails | undefined;
}

/** One test sample under every attack on every model. */
export interface Example {
  readonly testIndex: number;
  /** Its true class. */
  readonly label: number;
  readonly items: readonly ExampleItem[];
}

/** Some of a run's attacked test samples. */
export interface Examples {
  /** The same, model by model. */
  readonly figures: readonly SampleFigure[];
  readonly examples: readonly Example[];
  /** The values that features can have. */
  readonly box: Box;
  /** Test samples that were attacked, these among them. */
  readonly attacked: number;
}

/** The first so many test samples that the first model recognises: see `readSamples`. */
export async function readExamples(
  store: Pick<Store, 'cells' | 'instances' | 'steps' | 'artifacts'>,
  run: RunRecord,
  count: number,
): Promise<Examples> {
  const figures = await readSamples(store, run, count);
  const { box } = imageFacts(run);
  const samples = figures.flatMap(({ model, mode, rows }) =>
    rows.flatMap((row) => row.samples.flatMap((sample) => (sample ? [{ ...sample, model, mode }] : []))),
  );
  const instances = samples.map(({ instance, mode }) => ({ ...instance, mode }));
  const details = await instanceDetails(store, await attackedRows(store, instances), instances);
  const items = samples.map((sample, index) => ({
    ...sample,
    outcome: outcomeOf(sample.instance),
    details: details[index],
  }));
  const indices = figures[0]?.rows.map(({ testIndex }) => testIndex) ?? [];
  const [first] = items;
  const counts = await store.instances.counts(first ? [first.instance.evaluateStep] : []);
  return {
    figures,
    examples: indices.flatMap((testIndex) => {
      const own = items.filter(({ instance }) => instance.testIndex === testIndex);
      return own[0] ? [{ testIndex, label: own[0].instance.label, items: own }] : [];
    }),
    box,
    attacked: Object.values(counts).reduce((sum, number) => sum + number, 0),
  };
}
