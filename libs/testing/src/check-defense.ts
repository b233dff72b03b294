import {
  type AttackDefinition,
  bytesOf,
  canonicalJson,
  checksum,
  type DefendedModel,
  type DefenseDefinition,
  type DifferentiableClassifier,
  formatShape,
  isRampartError,
  type LabelledImages,
  messageOf,
  type Parameters,
  predictions,
  type Progress,
  Registry,
  Rng,
  sliceBatch,
  type WorkOptions,
} from '@rampart/core';

import { modelLaws } from './check-model';
import { Broken, demand, describeLaws, judge, type Law, type LawCheck, once } from './law';

export interface DefenseCheckOptions {
  /** Parameters to check it with; its defaults when left out. Choose such that it is done in seconds. */
  readonly params?: Parameters;
  /** The undefended model: small, real and trained, as the bytes of its file. */
  readonly model: Uint8Array;
  readonly train: LabelledImages;
  readonly classes: number;
  readonly malicious?: number;
  readonly attacks: Registry<AttackDefinition>;
  readonly engine: string;
  /** Opens a model file as a classifier. */
  readonly open: (model: Uint8Array) => Promise<DifferentiableClassifier>;
  /** Fraction of the training instances that the defended model must get right. Default: more than the largest class. */
  readonly leastAccuracy?: number;
}

/** Proves that a defense behaves, by hardening a small model. Every law is named in `Law.name`. */
export async function checkDefense(definition: DefenseDefinition, options: DefenseCheckOptions): Promise<Law[]> {
  return judge(defenseLaws(definition, options));
}

/** `checkDefense` as one test a law. */
export function describeDefense(definition: DefenseDefinition, options: DefenseCheckOptions): void {
  describeLaws(`defense ${definition.name}`, defenseLaws(definition, options));
}

/** The laws of defenses, as checks to run. */
export function defenseLaws(definition: DefenseDefinition, options: DefenseCheckOptions): LawCheck[] {
  const { train, open } = options;
  const reference = once(() => hardenOnce(definition, options));
  const model = once(async () => open((await reference()).result.model));
  const undefended = once(() => open(options.model));
  return [
    {
      name: 'returns a model that opens',
      async check() {
        await model();
      },
    },
    {
      name: 'keeps the shape of the images and the classes',
      async check() {
        const [before, after] = [await undefended(), await model()];
        const describe = ({ shape, classes }: DifferentiableClassifier): string =>
          `images of ${formatShape(shape)} and ${classes} classes`;
        demand(
          describe(before) === describe(after),
          () => `Expected a model for ${describe(before)}. Received one for ${describe(after)}.`,
        );
      },
    },
    {
      name: 'does something',
      async check() {
        const before = await (await undefended()).logits(train.images.data);
        const after = await (await model()).logits(train.images.data);
        demand(
          after.some((value, i) => value !== before[i]),
          () => 'Its model gives the same logits as the undefended one for every training image.',
        );
      },
    },
    {
      name: 'still tells the classes apart',
      async check() {
        const defended = await model();
        const found = predictions(await defended.logits(train.images.data), defended.classes, defended.rejects);
        const right = found.filter((label, i) => label === train.labels[i]).length / found.length;
        const { leastAccuracy } = options;
        const share = largestClass(train.labels, options.classes) / train.labels.length;
        demand(
          leastAccuracy === undefined ? right > share : right >= leastAccuracy,
          () =>
            `It gets ${(100 * right).toFixed(1)}% of the training images right. Expected ${leastAccuracy === undefined ? `more than the ${(100 * share).toFixed(1)}% of the largest class` : `at least ${100 * leastAccuracy}%`}.`,
        );
      },
    },
    ...modelLaws(model, {
      images: sliceBatch(train.images, 0, Math.min(4, train.images.count)),
      obfuscated: resolved(definition, options).obfuscated,
    }).map(({ name, check }) => ({ name: `its model ${name}`, check })),
    {
      name: 'gives the same bytes for the same seed',
      async check() {
        const [first, second] = [await reference(), await hardenOnce(definition, options)];
        demand(
          checksum(first.result.model) === checksum(second.result.model),
          () =>
            'A second run with the same seed gave another model. Draw from problem.rng; use no Math.random and no clock.',
        );
        demand(
          canonicalJson([first.result.curves, first.result.facts]) ===
            canonicalJson([second.result.curves, second.result.facts]),
          () => 'A second run with the same seed gave other curves or facts. Keep clocks and counters out of them.',
        );
      },
    },
    {
      name: 'leaves what it is given alone',
      async check() {
        const { touched } = await reference();
        demand(touched === undefined, () => `It wrote into problem.${touched}. Work on a copy.`);
      },
    },
    {
      name: 'reports its progress',
      async check() {
        const { events } = await reference();
        demand(events.length > 0, () => 'It never called problem.onProgress.');
        events.forEach(({ done, total, unit }, i) => {
          const ahead = done >= (events[i - 1]?.done ?? 0);
          demand(
            Number.isFinite(total) && done >= 0 && done <= total && unit !== '' && ahead,
            () =>
              `Progress event ${i} says ${done} of ${total} ${unit}, after ${events[i - 1]?.done ?? 0}. Expected a unit, 0 <= done <= total, and no step back.`,
          );
        });
      },
    },
    {
      name: 'reports curves and facts that are finite',
      async check() {
        const { curves, facts } = (await reference()).result;
        for (const { series, x, y } of curves) {
          demand(
            Number.isFinite(x) && Number.isFinite(y),
            () => `The curve "${series}" has the point (${x}, ${y}). Expected finite numbers.`,
          );
        }
        for (const [name, value] of Object.entries(facts)) {
          demand(
            typeof value === 'string' || Number.isFinite(value),
            () => `The fact "${name}" is ${value}. Expected text or a finite number.`,
          );
        }
      },
    },
    {
      name: 'stops when the signal fires',
      async check() {
        const { events } = await reference();
        // Before its first step, and in the middle of its work.
        for (const at of events.length > 0 ? [0, Math.ceil(events.length / 2)] : [0]) {
          const when = at === 0 ? 'before it began' : `at progress event ${at} of ${events.length}`;
          await demandCancelled(definition, options, at, when);
        }
      },
    },
  ];
}

interface Hardening {
  readonly result: DefendedModel;
  readonly events: readonly Progress[];
  /** What it was given and changed, if anything. */
  readonly touched: string | undefined;
}

async function hardenOnce(definition: DefenseDefinition, options: DefenseCheckOptions): Promise<Hardening> {
  const events: Progress[] = [];
  const { images, labels } = options.train;
  const given = {
    model: options.model.slice(),
    train: { images: { ...images, data: images.data.slice() }, labels: labels.slice() },
  };
  const result = await harden(definition, options, given, { onProgress: (event) => events.push(event) });
  const same = (a: ArrayBufferView, b: ArrayBufferView): boolean => checksum(bytesOf(a)) === checksum(bytesOf(b));
  const touched = !same(given.model, options.model)
    ? 'model'
    : !same(given.train.images.data, images.data)
      ? 'train.images'
      : !same(given.train.labels, labels)
        ? 'train.labels'
        : undefined;
  return { result, events, touched };
}

function harden(
  definition: DefenseDefinition,
  options: DefenseCheckOptions,
  given: { readonly model: Uint8Array; readonly train: LabelledImages },
  work: WorkOptions,
): Promise<DefendedModel> {
  const { attacks, classes, malicious, engine } = options;
  const { params } = resolved(definition, options);
  return definition.harden(params, { ...given, classes, malicious, attacks, engine, rng: Rng.root(1), ...work });
}

function resolved(definition: DefenseDefinition, { params, attacks }: DefenseCheckOptions) {
  const registry = new Registry<DefenseDefinition>('defense', [definition]);
  const defense = registry.resolve({ name: definition.name, params: params ?? {} }, { attack: attacks });
  return { params: defense.params, obfuscated: definition.obfuscates?.(defense.params) ?? [] };
}

async function demandCancelled(
  definition: DefenseDefinition,
  options: DefenseCheckOptions,
  atEvent: number,
  when: string,
): Promise<void> {
  const controller = new AbortController();
  if (atEvent === 0) controller.abort();
  let seen = 0;
  const onProgress = (): void => {
    if (++seen === atEvent) controller.abort();
  };
  try {
    await harden(definition, options, options, { signal: controller.signal, onProgress });
  } catch (error) {
    if (isRampartError(error) && error.code === 'cancelled') return;
    throw new Broken(
      `The signal fired ${when}, and it failed with "${messageOf(error)}". Expected a RampartError with code "cancelled".`,
    );
  }
  throw new Broken(
    `The signal fired ${when}, and it went on to the end. Hand problem.signal on, and call throwIfCancelled(problem.signal) between steps.`,
  );
}

function largestClass(labels: Int32Array, classes: number): number {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]! += 1;
  return Math.max(...counts);
}
