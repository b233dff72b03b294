import { imageFacts, type InstanceRecord, type RunRecord, type Store } from '@rampart/results';
import { attackedEvaluations, type Evaluation } from './evaluations';
import { type ShownSample, shownSamples } from './shown-samples';

/** One adversarial sample, and what the model took it for. */
export interface Sample {
  readonly attack: string;
  readonly instance: InstanceRecord;
  /** Undefined where the store has nothing to show of the evaluation. */
  readonly picture: ShownSample | undefined;
}

/** One test image under each attack. */
export interface SampleRow {
  readonly testIndex: number;
  /** One for each attack of the figure; undefined where it was not attacked. */
  readonly samples: readonly (Sample | undefined)[];
}

/** Some test images and what the attacks made of them, for one model: figures 3 and 4 of the publication. */
export interface SampleFigure {
  readonly model: string;
  readonly mode: 'static' | 'adaptive';
  readonly seed: number;
  /** Names of the classes; a label is an index into it. */
  readonly classes: readonly string[];
  readonly attacks: readonly string[];
  readonly rows: readonly SampleRow[];
}

/**
 * The same few test images under every attack, for each model of a run, attacked itself where the run has that,
 * with the run's first seed. They are the first that the first model recognises unmodified.
 */
export async function readSamples(
  store: Pick<Store, 'cells' | 'instances' | 'steps' | 'artifacts'>,
  run: RunRecord,
  count = 4,
): Promise<SampleFigure[]> {
  const all = attackedEvaluations(await store.cells.ofRun(run.id));
  const [first] = all;
  if (!first) return [];
  const ofSeed = all.filter((one) => one.seed === first.seed);
  const mode = ofSeed.some((one) => one.mode === 'adaptive') ? 'adaptive' : 'static';
  const chosen = ofSeed.filter((one) => one.mode === mode);
  const indices = await recognised(store, chosen[0]!, count);
  const keys = [...new Set(chosen.map((one) => one.evaluateStep))];
  const instances = (await Promise.all(indices.map((index) => store.instances.ofTestIndex(keys, index)))).flat();
  const facts = imageFacts(run);
  const { classes } = facts;
  const pictures = await shownSamples(store, facts, instances);
  const found = new Map(
    instances.map((instance, place) => [
      placeOf(instance.evaluateStep, instance.testIndex),
      { instance, picture: pictures[place] },
    ]),
  );

  const attacks = [...new Set(chosen.map((one) => one.attack))];
  return [...new Set(chosen.map((one) => one.model))].map((model) => ({
    model,
    mode,
    seed: first.seed,
    classes,
    attacks,
    rows: indices.map((testIndex) => ({
      testIndex,
      samples: attacks.map((attack): Sample | undefined => {
        const of = chosen.find((one) => one.model === model && one.attack === attack);
        const sample = of && found.get(placeOf(of.evaluateStep, testIndex));
        return sample && { attack, ...sample };
      }),
    })),
  }));
}

/** Test images that the model recognises as long as nobody modifies them. */
async function recognised(
  store: Pick<Store, 'instances'>,
  { evaluateStep }: Evaluation,
  count: number,
): Promise<number[]> {
  const { instances } = await store.instances.page({ evaluateSteps: [evaluateStep], limit: Math.max(64, 4 * count) });
  return instances
    .filter(({ label, predictionBefore }) => predictionBefore === label)
    .slice(0, count)
    .map(({ testIndex }) => testIndex);
}

function placeOf(evaluateStep: string, testIndex: number): string {
  return `${evaluateStep} ${testIndex}`;
}
