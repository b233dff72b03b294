import type { Attack, AttackProblem, AttackSearch, SearchResult } from './attack';
import { averagedClassifier } from './averaged-classifier';
import { answersOf, decisionOf, evasionMargin, isEvasion } from './classifier';
import { enforce } from './enforce';
import { isRampartError, messageOf, RampartError, throwIfCancelled } from './error';
import type { EvadeInput, Evasion } from './evasion';
import { featureCount, formatShape, sliceBatch } from './image-batch';
import { LossTrace } from './loss-trace';
import { CountingProblem } from './problem';
import type { AttackStage } from './stage-account';
import { Feasibility } from './threat/feasible-set';

/** Rows of one evaluation where nothing is said. */
const WINDOW = 256;

/**
 * Runs an attack. Whatever the search returns is clipped to the box, projected to the budget and judged by the
 * verifier, so no attack can report an example outside its threat model.
 * @throws RampartError `contract` when the search fails, or returns NaN or arrays of the wrong length
 * @throws RampartError `bad-data` when images, labels and model do not fit each other
 * @throws RampartError `bad-model` when the model's logits for an example are not finite
 * @throws RampartError `cancelled` when the signal fires, also where the search takes no notice of it
 */
export async function evade(input: EvadeInput): Promise<Evasion> {
  const { attack, images, labels, targets, verifier } = input;
  checkInput(input);
  const { definition, params } = attack;
  const features = featureCount(images.shape);
  const window = input.batchSize ?? WINDOW;
  const search = definition.create(params);
  const threat = definition.threat(params);
  const feasibility = new Feasibility(input.feasible ?? {}, images.box, features);
  const keepsBest = definition.family !== undefined;
  const samples = keepsBest ? (definition.samples?.(params) ?? (params as { samples?: number }).samples ?? 1) : 1;
  const questioned = { ...input, classifier: averagedClassifier(input.classifier, samples) };
  // A search that keeps its batches full by itself, or needs all instances together, is given all of them.
  const size = keepsBest || definition.scope === 'set' ? Math.max(1, images.count) : window;

  const adversarial = new Float32Array(images.data.length);
  const predicted = new Int32Array(images.count);
  const evaded = new Uint8Array(images.count);
  const iterations = new Int32Array(images.count);
  const forwardEvaluations = new Int32Array(images.count);
  const gradientEvaluations = new Int32Array(images.count);
  const trace = new LossTrace(images.count);
  let stages: readonly AttackStage[] = [];
  let corrected = 0;

  for (let start = 0; start < images.count; start += size) {
    throwIfCancelled(input.signal);
    const end = Math.min(images.count, start + size);
    const batch = sliceBatch(images, start, end);
    const report = (done: number) => input.onProgress?.({ done, total: images.count, unit: 'instances' });
    const problem = new CountingProblem(
      questioned,
      { trace, threat, feasibility, keepsBest, samples, window, onDone: keepsBest ? report : () => undefined },
      start,
      end,
    );
    const result = await run(attack, search, problem);
    throwIfCancelled(input.signal);
    checkResult(attack, result, batch.count, features, (input.firstInstance ?? 0) + start);
    const candidates = adversarial.subarray(start * features, end * features);
    candidates.set(result.candidates);
    corrected += enforce(candidates, batch, threat, feasibility, start);
    for (let first = start; first < end; first += window) {
      const last = Math.min(end, first + window);
      const images = adversarial.subarray(first * features, last * features);
      const { classes } = verifier;
      const { logits, scores = logits } = await answersOf(verifier, images);
      checkLogits(logits, (last - first) * classes);
      const columns = scores.length / (last - first);
      for (let i = first; i < last; i++) {
        const prediction = decisionOf(logits, (i - first) * classes, verifier);
        const aim = { label: labels[i]!, target: targets?.[i] };
        predicted[i] = prediction;
        evaded[i] = Number(isEvasion(prediction, aim.label, aim.target));
        trace.end(i, evasionMargin(scores, (i - first) * columns, { classes, columns }, aim));
      }
    }
    iterations.set(result.iterations, start);
    const costs = CountingProblem.costs(problem);
    forwardEvaluations.set(costs.forward, start);
    gradientEvaluations.set(costs.gradient, start);
    stages = CountingProblem.account(problem).result();
    report(end);
  }
  return {
    adversarial: { ...images, data: adversarial },
    predictions: predicted,
    evaded,
    iterations,
    forwardEvaluations,
    gradientEvaluations,
    losses: trace.curve(),
    paths: trace.paths(),
    stages,
    corrected,
  };
}

/** Runs the search; an error of its own making gets the attack's name. */
async function run(attack: Attack, search: AttackSearch, problem: AttackProblem): Promise<SearchResult> {
  try {
    return await search(problem);
  } catch (error) {
    if (isRampartError(error)) throw error;
    throw new RampartError({
      code: 'contract',
      message: `Attack "${attack.label}" failed: ${messageOf(error)}`,
      cause: error,
    });
  }
}

function checkInput({ classifier, verifier, images, labels, targets, attack, batchSize }: EvadeInput): void {
  if (batchSize !== undefined && !(Number.isInteger(batchSize) && batchSize > 0)) {
    throw new RampartError({
      code: 'usage',
      message: `A batch holds at least one instance. Received the batch size ${batchSize} for attack "${attack.label}".`,
    });
  }
  for (const model of [classifier, verifier]) {
    if (formatShape(model.shape) === formatShape(images.shape)) continue;
    throw new RampartError({
      code: 'bad-data',
      message: `The model takes images of shape ${formatShape(model.shape)}. Received images of shape ${formatShape(images.shape)} for attack "${attack.label}".`,
    });
  }
  const { min, max } = images.box;
  const outside = images.data.findIndex((value) => !(value >= min && value <= max));
  if (outside >= 0) {
    const size = featureCount(images.shape);
    throw new RampartError({
      code: 'bad-data',
      message: `Expected pixels inside the images' box [${min}, ${max}]. Received ${images.data[outside]} in image ${Math.floor(outside / size)}, feature ${outside % size}. Scale the images into their box before attacking them.`,
    });
  }
  for (const [what, values] of [
    ['labels', labels],
    ['targets', targets],
  ] as const) {
    if (!values) continue;
    if (values.length !== images.count) {
      throw new RampartError({
        code: 'bad-data',
        message: `Expected one of ${what} for each of ${images.count} images. Received ${values.length}.`,
      });
    }
    const bad = values.findIndex((label) => label < 0 || label >= classifier.classes);
    if (bad >= 0) {
      throw new RampartError({
        code: 'bad-data',
        message: `Expected ${what} from 0 to ${classifier.classes - 1}, one of the model's ${classifier.classes} classes. Received ${values[bad]} at index ${bad}.`,
      });
    }
  }
}

function checkResult(attack: Attack, result: SearchResult, instances: number, features: number, first: number): void {
  const values = (result as SearchResult | undefined)?.candidates?.length;
  const counts = (result as SearchResult | undefined)?.iterations?.length;
  if (values !== instances * features || counts !== instances) {
    throw new RampartError({
      code: 'contract',
      message: `Attack "${attack.label}" returned ${values ?? 'no'} values and ${counts ?? 'no'} iteration counts. Expected ${instances * features} and ${instances}: one candidate an instance.`,
    });
  }
  const bad = result.candidates.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RampartError({
      code: 'contract',
      message: `Attack "${attack.label}" returned ${result.candidates[bad]} for instance ${first + Math.floor(bad / features)}, feature ${bad % features}. Expected finite values; see what the search divides by or takes a root of.`,
    });
  }
}

/** A NaN among logits would pass for the first class, and so perhaps for a success. */
function checkLogits(logits: Float32Array, expected: number): void {
  const bad = logits.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0 || logits.length !== expected) {
    throw new RampartError({
      code: 'bad-model',
      message: `Expected ${expected} finite logits from the model that judges the examples. Received ${bad >= 0 ? `${logits[bad]} at index ${bad}` : `${logits.length}`}.`,
    });
  }
}
