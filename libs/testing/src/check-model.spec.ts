import { type AttackLoss, type DifferentiableClassifier, pixelBox, PUBLICATION_BOX, Rng } from '@rampart/core';

import { checkModel, describeModel } from './check-model';
import { linearClassifier } from './linear-classifier';
import { tanhNetwork } from './tanh-network';

const smooth = (): DifferentiableClassifier =>
  tanhNetwork({
    shape: { channels: 2, height: 5, width: 4 },
    box: PUBLICATION_BOX,
    classes: 5,
    hidden: 6,
    rng: Rng.root(7),
  });

describeModel('tanh network', smooth);
describeModel('linear classifier', () =>
  linearClassifier({
    shape: { channels: 1, height: 1, width: 3 },
    box: pixelBox(0, 1),
    weights: [
      [1, -2, 0.5],
      [-3, 0, 4],
    ],
    bias: [0.5, -0.5],
  }),
);

/** A model whose answers a fault changes. */
function faulty(fault: {
  logits?: (logits: Float32Array, count: number, images: Float32Array) => Float32Array;
  gradient?: (gradient: Float32Array, count: number) => Float32Array;
  losses?: (losses: Float32Array) => Float32Array;
  loss?: AttackLoss;
  distance?: (gradient: Float32Array) => Float32Array;
}): DifferentiableClassifier {
  const sound = smooth();
  const size = 40;
  return {
    ...sound,
    async logits(images) {
      const logits = await sound.logits(images);
      return fault.logits ? fault.logits(logits, images.length / size, images) : logits;
    },
    async lossGradient(images, labels, loss, rivals) {
      const result = await sound.lossGradient(images, labels, loss, rivals);
      if (fault.loss !== undefined && fault.loss !== loss) return result;
      return {
        logits: result.logits,
        losses: fault.losses ? fault.losses(result.losses) : result.losses,
        gradient: fault.gradient ? fault.gradient(result.gradient, labels.length) : result.gradient,
      };
    },
    async innerGradient(images, guides, layer) {
      const result = await sound.innerGradient!(images, guides, layer);
      return fault.distance ? { ...result, gradient: fault.distance(result.gradient) } : result;
    },
  };
}

describe('checkModel finds', () => {
  const gradientLaw = 'has the gradient that finite differences show';
  const faults: readonly [string, DifferentiableClassifier, readonly string[]][] = [
    [
      'a gradient of the wrong sign',
      faulty({ gradient: (gradient) => gradient.map((value) => -value) }),
      [gradientLaw],
    ],
    [
      'a gradient 10% too large',
      faulty({ gradient: (gradient) => gradient.map((value) => 1.1 * value) }),
      [gradientLaw],
    ],
    [
      'a ratio whose denominator counts as a constant',
      {
        ...smooth(),
        async lossGradient(images, labels, loss, rivals) {
          const result = await smooth().lossGradient(images, labels, loss, rivals);
          if (loss !== 'dlr') return result;
          const { losses, gradient } = await smooth().lossGradient(images, labels, 'margin');
          return {
            ...result,
            gradient: gradient.map(
              (value, k) => (value * result.losses[Math.floor(k / 40)]!) / losses[Math.floor(k / 40)]!,
            ),
          };
        },
      },
      [gradientLaw],
    ],
    [
      'a targeted ratio of another definition',
      faulty({ loss: 'targeted-dlr', losses: (losses) => losses.map((loss) => loss / 2) }),
      ['computes its losses from its logits'],
    ],
    [
      'the gradient of half a distance',
      faulty({ distance: (gradient) => gradient.map((value) => value / 2) }),
      ['has the gradient of the distance of inner values that finite differences show'],
    ],
    [
      'a model that makes rivals up',
      {
        ...smooth(),
        lossGradient: (images, labels, loss, rivals) =>
          smooth().lossGradient(images, labels, loss, rivals ?? labels.map((label) => (label + 1) % 5)),
      },
      ['refuses to compare with a class that is not given'],
    ],
    [
      'a gradient that misses a row of the image',
      faulty({ gradient: (gradient) => gradient.map((value, k) => (k % 40 < 4 ? 0 : value)) }),
      [gradientLaw],
    ],
    [
      'a gradient with height and width exchanged',
      faulty({
        gradient: (gradient) =>
          gradient.map((_, k) => {
            const [image, inside] = [Math.floor(k / 20), k % 20];
            return gradient[image * 20 + (inside % 5) * 4 + Math.floor(inside / 5)]!;
          }),
      }),
      [gradientLaw],
    ],
    [
      'the gradient of a mean over the batch',
      faulty({ gradient: (gradient, count) => gradient.map((value) => value / count) }),
      [gradientLaw, 'gives every image a gradient of its own'],
    ],
    [
      'losses of another definition',
      faulty({ losses: (losses) => losses.map((loss) => loss / 2) }),
      ['computes its losses from its logits'],
    ],
    [
      'logits that depend on the batch',
      faulty({ logits: (logits, count) => logits.map((value) => value + 0.01 * count) }),
      ['gives the same logits for every batch size', 'gives the same logits with the gradient as without'],
    ],
    [
      'a logit that is NaN',
      faulty({ logits: (logits) => logits.map((value, i) => (i === 4 ? NaN : value)) }),
      [
        'gives one finite logit a class',
        'gives the same logits for every batch size',
        'gives the same logits with the gradient as without',
        'computes its losses from its logits',
        'has the gradient that finite differences show',
      ],
    ],
    [
      'a model that writes into its input',
      faulty({
        logits: (logits, _count, images) => {
          images.fill(0.25);
          return logits;
        },
      }),
      ['leaves its input alone'],
    ],
    [
      'a model that takes half an image',
      {
        ...smooth(),
        logits: (images) => smooth().logits(images.length % 40 === 0 ? images : new Float32Array(40)),
      },
      ['refuses what is no whole number of images'],
    ],
  ];

  it.each(faults.map(([what, model, expected]) => ({ what, model, expected })))(
    '$what',
    async ({ model, expected }) => {
      const broken = (await checkModel(() => model)).filter((law) => !law.ok);
      expect(broken.map((law) => law.name)).toEqual(expected);
      for (const law of broken) expect(law.message).toMatch(/\w{3}/);
    },
  );

  it('nothing in gradients that are right but for rounding', async () => {
    const rng = Rng.root('rounding');
    const rounded = faulty({ gradient: (gradient) => gradient.map((value) => value * (1 + 1e-6 * rng.normal())) });
    expect((await checkModel(() => rounded)).filter((law) => !law.ok)).toEqual([]);
  });
});
