import { attacks } from '@rampart/attacks';
import {
  evade,
  imageBatch,
  isEvasion,
  linfDistance,
  parseComponent,
  pixelBox,
  predictions,
  Rng,
  sampleShape,
} from '@rampart/core';
import { asRejecting, openClassifier, openVerifier, writeCard } from '@rampart/models';
import { float32Tensor, GraphBuilder, type Model, writeModel } from '@rampart/onnx';

const SHAPE = sampleShape([1, 2, 2]);
const BOX = pixelBox(-1, 1);

const ATTACKS = [
  'pgd(epsilon=0.35, loss=difference, steps=60, restarts=3)',
  'square(epsilon=0.35, queries=2000)',
  'nes(epsilon=0.35, steps=60)',
  'spsa(epsilon=0.35, iterations=60)',
  'hopskipjump(norm=linf, iterations=30)',
];

/**
 * Class 1 where 4 x0 + 3 x1 is above 0; a guard that rejects where x1 + x2 + x3 is far from 0, so that whoever changes x1
 * has to make up for it.
 */
function guarded(): Model {
  const builder = new GraphBuilder();
  builder.input('input', 'float32', ['batch', 1, 2, 2]);
  const flat = builder.node('Flatten', ['input'], { axis: 1 });
  const times = (columns: number, ...weights: number[]) =>
    builder.node('MatMul', [flat, builder.constant(float32Tensor([4, columns], weights))]);
  const classes = times(2, -4, 4, -3, 3, 0, 0, 0, 0);
  const away = builder.node('Abs', [times(1, 0, 12, 12, 12)]);
  const rejection = builder.node('Sub', [away, builder.constant(float32Tensor([1], [1]))]);
  builder.node('Concat', [classes, rejection], { axis: 1 }, { outputs: ['logits'] });
  builder.output('logits', 'float32', ['batch', 3]);
  const metadata = writeCard({ architecture: undefined, shape: SHAPE, box: BOX, classes: 2 });
  const graph = builder.build('guarded');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: 'test', metadata, functions: [], graph };
}

const FILE = writeModel(asRejecting(guarded()));
const EPSILON = 0.35;
const COUNT = 24;

/** Points that are accepted and right. */
async function instances(): Promise<{ readonly points: Float32Array; readonly labels: Int32Array }> {
  const rng = Rng.root('guarded');
  const drawn = Float32Array.from({ length: 4 * 2000 }, () => 2 * rng.uniform() - 1);
  const verifier = await openVerifier(FILE);
  const decided = predictions(await verifier.logits(drawn), 2, true);
  await verifier.dispose();
  const kept = [...decided.keys()].filter((i) => decided[i]! >= 0).slice(0, COUNT);
  const points = Float32Array.from(kept.flatMap((i) => [...drawn.subarray(4 * i, 4 * i + 4)]));
  return { points, labels: Int32Array.from(kept, (i) => decided[i]!) };
}

/** How many have a point within epsilon that is accepted and wrong, of a grid of so many places a feature. */
async function byBruteForce(
  { points, labels }: Awaited<ReturnType<typeof instances>>,
  places: number,
): Promise<number> {
  const verifier = await openVerifier(FILE);
  let evading = 0;
  for (const [i, label] of labels.entries()) {
    const grid = Float32Array.from({ length: 4 * places ** 4 }, (_, at) => {
      const place = Math.floor(Math.floor(at / 4) / places ** (at % 4)) % places;
      const moved = points[4 * i + (at % 4)]! + EPSILON * ((2 * place) / (places - 1) - 1);
      return Math.max(-1, Math.min(1, moved));
    });
    const decided = predictions(await verifier.logits(grid), 2, true);
    if (decided.some((one) => isEvasion(one, label))) evading++;
  }
  await verifier.dispose();
  return evading;
}

describe('a model that rejects', () => {
  it('is evaded, with gradients and without, wherever a search of the whole ball finds a way', async () => {
    const found = await instances();
    // Of the whole ball, and of its corners alone, which are all that square looks at.
    const [ball, corners] = [await byBruteForce(found, 9), await byBruteForce(found, 2)];
    expect([corners > 0, ball > corners, ball < COUNT]).toEqual([true, true, true]);
    const classifier = await openClassifier(FILE);
    const verifier = await openVerifier(FILE);
    for (const text of ATTACKS) {
      const { adversarial, evaded } = await evade({
        ...{ attack: attacks.resolve(parseComponent(text)), classifier, verifier, labels: found.labels },
        ...{ images: imageBatch(found.points, SHAPE, BOX), rng: Rng.root('attack') },
      });
      const near = (i: number) => linfDistance(adversarial.data, found.points, 4 * i, 4) <= EPSILON + 1e-6;
      const successes = evaded.filter((one, i) => one === 1 && near(i)).length;
      // A grid of 9 places a feature may miss a way, and a search one of those that it finds.
      const most = text.startsWith('square') ? corners : ball - 1;
      expect([text, successes >= most]).toEqual([text, true]);
    }
    await classifier.dispose();
    await verifier.dispose();
  });
});
