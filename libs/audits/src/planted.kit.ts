import { attacks } from '@rampart/attacks';
import {
  type AttackDefinition,
  type AuditedAttack,
  type AuditSubject,
  defineAttack,
  type DifferentiableClassifier,
  imageBatch,
  type LabelledImages,
  predictions,
  Registry,
  Rng,
  type Severity,
} from '@rampart/core';
import {
  type AuditArena,
  auditArena,
  type AuditArenaOptions,
  type AuditCase,
  auditSubject,
  behind,
  type ClosedForm,
  closedFormClassifier,
  inFront,
  type LogitFunction,
} from '@rampart/testing';
import { z } from 'zod';

/** A figure with a fault that one audit finds, and no other takes for a serious one. */
export interface Planted {
  readonly audit: string;
  readonly severity: Severity;
  /** What is wrong with it. */
  readonly fault: string;
  subject(): Promise<AuditSubject>;
}

type Plant = (arena: AuditArena) => Partial<AuditCase> | Promise<Partial<AuditCase>>;

/** The honest figure with a fault planted. Its allowance is enough for every audit to look as closely as it likes. */
export async function figure(plant: Plant = () => ({}), options: AuditArenaOptions = {}): Promise<AuditSubject> {
  const arena = await auditArena(options);
  const planted = await plant(arena);
  return auditSubject({
    ...{ model: arena.model, test: arena.test, registry: attacks, attacks: ['pgd(epsilon=0.02)'] },
    ...planted,
    change: (subject) => ({ allowance: 20_000, ...planted.change?.(subject) }),
  });
}

/** The figure with the fault that an audit looks for. */
export function faulty(audit: string): () => Promise<AuditSubject> {
  return PLANTED.find((one) => one.audit === audit)!.subject;
}

function plant(
  audit: string,
  fault: string,
  how: Plant,
  { severity = 'high', ...options }: AuditArenaOptions & { readonly severity?: Severity } = {},
): Planted {
  return { audit, severity, fault, subject: () => figure(how, options) };
}

/** One fault for every audit. */
export const PLANTED: readonly Planted[] = [
  plant('zero-gradient', 'no gradient where the first pixel is bright', ({ form }) => ({
    model: closedFormClassifier({
      ...form,
      evaluate(image) {
        const { logits, pullBack } = form.evaluate(image);
        return { logits, pullBack: (slope) => (image[0]! > 0.35 ? new Float64Array(image.length) : pullBack(slope)) };
      },
    }),
  })),

  plant('saturated-loss', 'logits times 5,000, under attacks on the cross-entropy', ({ form }) => ({
    model: closedFormClassifier(behind(form, scaled(5000))),
    attacks: ['pgd(epsilon=0.02, restarts=6)'],
  })),

  plant(
    'step-operators',
    'a step on the one of two ways that counts',
    async ({ form, test }) => {
      const other = (await auditArena({ seed: 'the other way' })).form;
      const stepped = (slope: number) =>
        closedFormClassifier(
          sumOf(inFront(form, { value: (x) => Math.round(32 * x) / 32, slope: () => slope }), other),
        );
      return {
        model: stepped(0),
        test: await classified(stepped(0), test.images.data, test),
        view: (view) => (view.backward === 'straight-through' ? stepped(1) : undefined),
        change: () => ({ steps: { operators: ['Round'], everywhere: false } }),
      };
    },
    { severity: 'medium' },
  ),

  plant('finite-differences', 'a sine in front', ({ form }) => ({
    model: closedFormClassifier(
      inFront(form, {
        value: (x) => x + 0.004 * Math.sin(1200 * x),
        slope: (x) => 1 + 4.8 * Math.cos(1200 * x),
      }),
    ),
    attacks: ['pgd(epsilon=0.02, restarts=4)'],
  })),

  plant('randomised', 'noise on the logits', ({ model }) => {
    const rng = Rng.root('noise');
    const noisy = (logits: Float32Array) => logits.map((value) => value + 1e-4 * rng.normal());
    return {
      model: {
        ...model,
        logits: async (images) => noisy(await model.logits(images)),
        async lossGradient(...asked) {
          const answer = await model.lossGradient(...asked);
          return { ...answer, logits: noisy(answer.logits) };
        },
      },
    };
  }),

  plant('batch-dependent', 'logits divided by their mean over the batch', ({ model }) => ({
    model: {
      ...model,
      async logits(images) {
        const logits = await model.logits(images);
        const mean = logits.reduce((sum, value) => sum + Math.abs(value), 0) / logits.length;
        return logits.map((value) => value / mean);
      },
    },
  })),

  plant('probabilities-as-logits', 'a softmax that counts as logits', ({ form }) => ({
    model: closedFormClassifier(behind(form, softmaxed)),
  })),

  plant('unfinished-descent', 'steps so short that they cannot cross the ball', () => ({
    attacks: ['bim(epsilon=0.04, step=0.001)'],
  })),

  plant('no-progress', 'an attack on a saturated loss that starts nowhere else, beside a sound one', ({ form }) => ({
    model: closedFormClassifier(behind(form, scaled(5000))),
    attacks: ['bim(epsilon=0.02)', 'apgd(epsilon=0.02, loss=difference, steps=40)'],
  })),

  plant(
    'restarts-disagree',
    'ripples as wide as the ball, of which a start finds one or the other',
    ({ form }) => ({
      model: closedFormClassifier(
        inFront(form, { value: (x) => x + 0.03 * Math.sin(150 * x), slope: (x) => 1 + 4.5 * Math.cos(150 * x) }),
      ),
      attacks: ['pgd(epsilon=0.02)'],
    }),
    { severity: 'medium' },
  ),

  plant('lost-success', 'an attack that goes on past what it found', () => ({
    registry: registryWith(walkOn),
    attacks: ['pgd(epsilon=0.04)', 'walk-on(epsilon=0.04)'],
  })),

  plant('black-box-stronger', 'slopes that lead into the wrong valley', async (arena) => ({
    ...(await valleys(arena)),
    attacks: ['pgd(epsilon=0.02)', 'square(epsilon=0.02, queries=1000)'],
  })),

  plant('transfer-stronger', 'slopes that lead into the wrong valley, and the model without them', async (arena) => ({
    ...(await valleys(arena)),
    source: arena.model,
    attacks: ['pgd(epsilon=0.02)'],
  })),

  plant('one-step-stronger', 'a hollow that one step leaps over', async (arena) => ({
    ...(await hollows(arena)),
    attacks: ['pgd(epsilon=0.02)', 'fgs(epsilon=0.02)'],
  })),

  plant('epsilon-without-effect', 'treads that all slope the wrong way, and few images of other classes', (arena) =>
    treads({ ...arena, form: behind(arena.form, biased(1.5)) }),
  ),

  plant('targeted-easier', 'a class that is always second and leads nowhere', async ({ form }) => ({
    model: closedFormClassifier(withDecoy(form, (await auditArena({ seed: 'nowhere' })).form)),
    attacks: ['pgd(epsilon=0.04, loss=difference)'],
  })),

  plant('rounding', 'a ball smaller than a level of 8 bits', () => ({ attacks: ['pgd(epsilon=0.0019)'] }), {
    severity: 'medium',
    instances: 400,
  }),

  plant('outside-threat', 'an example moved a tenth farther than it may', () => ({
    change: ({ attacks: [pgd], images, box }) => {
      const position = pgd!.evades.indexOf(1);
      const original = images(Int32Array.of(position));
      const farther = (example: Float32Array) =>
        example.map((to, k) => Math.min(box.max, Math.max(box.min, original[k]! + 1.1 * (to - original[k]!))));
      return { attacks: [withExamples(pgd!, Int32Array.of(position), farther)] };
    },
  })),

  plant('judged-otherwise', 'a class that the example does not have', () => ({
    change: ({ attacks: [pgd], classes }) => {
      const predicted = pgd!.predictions.map((label, position) =>
        position % 10 === 0 ? (label + 1) % classes.length : label,
      );
      return { attacks: [{ ...pgd!, predictions: predicted }] };
    },
  })),

  plant('static-alone', 'replayed examples and nothing else', async ({ form }) => ({
    source: closedFormClassifier(sumOf(form, (await auditArena({ seed: 'another' })).form)),
    change: () => ({ mode: 'static', modes: ['static'], attacks: [] }),
  })),

  plant('preprocessing', 'pixels fed as [-0.5, 0.5] to a model made for [0, 1]', async ({ form, model, test }) => ({
    model: closedFormClassifier(inFront(form, { value: (x) => x - 0.5, slope: () => 1 })),
    test: { ...test, labels: predictions(await model.logits(test.images.data), model.classes) },
  })),

  plant('training-images', 'test images among the training images', ({ test }) => ({
    train: {
      images: { ...test.images, data: test.images.data.slice(0, 360), count: 10 },
      labels: test.labels.slice(0, 10),
    },
  })),

  plant('too-few-instances', 'twenty instances', () => ({}), { instances: 20, severity: 'medium' }),

  plant(
    'chance',
    'labels that have nothing to do with the images',
    ({ test }) => {
      const rng = Rng.root('labels');
      return { test: { ...test, labels: test.labels.map(() => rng.integer(3)) } };
    },
    { instances: 300 },
  ),
];

/** The logits of two forms, added up. */
function sumOf(first: ClosedForm, second: ClosedForm): ClosedForm {
  return {
    ...first,
    evaluate(image) {
      const [a, b] = [first.evaluate(image), second.evaluate(image)];
      return {
        logits: a.logits.map((value, j) => value + 0.02 * b.logits[j]!),
        pullBack(slope) {
          const other = b.pullBack(slope);
          return a.pullBack(slope).map((value, k) => value + 0.02 * other[k]!);
        },
      };
    },
  };
}

/** An attack's result with other examples at some positions. */
export function withExamples(
  of: AuditedAttack,
  positions: Int32Array,
  change: (example: Float32Array, position: number) => Float32Array,
): AuditedAttack {
  return {
    ...of,
    async examples(rows) {
      const examples = await of.examples(rows);
      const size = examples.length / rows.length;
      rows.forEach((position, row) => {
        if (!positions.includes(position)) return;
        examples.set(change(examples.slice(row * size, (row + 1) * size), position), row * size);
      });
      return examples;
    },
  };
}

export function scaled(by: number): LogitFunction {
  return (logits) => ({ values: logits.map((value) => by * value), pullBack: (slope) => slope.map((s) => by * s) });
}

export function softmaxed(logits: Float64Array): ReturnType<LogitFunction> {
  const largest = Math.max(...logits);
  const exponentials = logits.map((value) => Math.exp(value - largest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  const values = exponentials.map((value) => value / sum);
  return {
    values,
    pullBack(slope) {
      const mean = values.reduce((total, value, j) => total + value * slope[j]!, 0);
      return values.map((value, j) => value * (slope[j]! - mean));
    },
  };
}

/** More for the first class. */
function biased(by: number): LogitFunction {
  return (logits) => ({ values: logits.map((value, j) => (j === 0 ? value + by : value)), pullBack: (slope) => slope });
}

/** One class more, a little behind the first wherever the image is. How far depends on another form's first logit. */
export function withDecoy(form: ClosedForm, other: ClosedForm): ClosedForm {
  return {
    ...form,
    classes: form.classes + 1,
    evaluate(image) {
      const [a, b] = [form.evaluate(image), other.evaluate(image)];
      const first = a.logits.indexOf(Math.max(...a.logits));
      return {
        logits: Float64Array.of(...a.logits, a.logits[first]! - 0.1 - 0.01 * b.logits[0]!),
        pullBack(slope) {
          const decoy = slope[form.classes]!;
          const back = slope.slice(0, form.classes);
          back[first]! += decoy;
          const elsewhere = b.pullBack(Float64Array.from(b.logits, (_, j) => (j === 0 ? -0.01 * decoy : 0)));
          return a.pullBack(back).map((value, k) => value + elsewhere[k]!);
        },
      };
    },
  };
}

/** Images with the labels that a model gives them. */
async function classified(
  model: DifferentiableClassifier,
  data: Float32Array,
  { images: { shape, box } }: LabelledImages,
): Promise<LabelledImages> {
  return { images: imageBatch(data, shape, box), labels: predictions(await model.logits(data), model.classes) };
}

/** Images of pixels a twelfth apart, and a model with a function of every pixel's way from the nearest of these values. */
async function periodic({ form, test }: AuditArena, wave: (u: number) => readonly [value: number, slope: number]) {
  const nearest = (x: number) => Math.round(12 * x) / 12;
  const model = closedFormClassifier(
    inFront(form, {
      value: (x) => nearest(x) + wave(x - nearest(x))[0],
      slope: (x) => wave(x - nearest(x))[1],
    }),
  );
  return { model, test: await classified(model, test.images.data.map(nearest), test) };
}

/** Slopes that lead the wrong way up to half of epsilon, and rise to twice epsilon beyond. */
const valleys = (arena: AuditArena) =>
  periodic(arena, (u) => {
    const [size, sign] = [Math.abs(u), Math.sign(u)];
    return size < 0.008 ? [-u, -1] : [sign * (-0.008 + 4 * (size - 0.008)), 4];
  });

/** A rise up to a third of epsilon, a fall back, and a steep rise at the end. */
const hollows = (arena: AuditArena) =>
  periodic(arena, (u) => {
    const [size, sign] = [Math.abs(u), Math.sign(u)];
    if (size < 0.007) return [u, 1];
    return size < 0.014 ? [sign * (0.014 - size), -1] : [sign * 7 * (size - 0.014), 7];
  });

/** Treads of a staircase that slope against it. */
const treads = (arena: AuditArena) => periodic(arena, (u) => [-u, -1]);

/** Follows the sign of the gradient for twenty steps and returns the last point, whatever it saw on the way. */
const walkOn = defineAttack({
  name: 'walk-on',
  summary: 'Twenty steps that overshoot.',
  source: 'None',
  version: 1,
  params: z.object({ epsilon: z.number().positive() }),
  threat: ({ epsilon }) => ({ norm: 'linf', epsilon }),
  create:
    ({ epsilon }) =>
    async (problem) => {
      const candidates = problem.originals.slice();
      const instances = Int32Array.from({ length: problem.count }, (_, index) => index);
      for (let step = 0; step < 20; step++) {
        const { gradient } = await problem.gradient(candidates.slice(), instances, 'margin');
        // Downhill and back again.
        const towards = step < 10 ? -1 : 1;
        for (let k = 0; k < candidates.length; k++)
          candidates[k]! += (towards * epsilon * Math.sign(gradient[k]!)) / 10;
        candidates.forEach((value, k) => (candidates[k] = Math.min(problem.box.max, Math.max(problem.box.min, value))));
      }
      return { candidates, iterations: new Int32Array(problem.count).fill(20) };
    },
});

export function registryWith(attack: AttackDefinition): Registry<AttackDefinition> {
  return new Registry<AttackDefinition>('attack', [...attacks.names().map((name) => attacks.get(name)), attack]);
}
