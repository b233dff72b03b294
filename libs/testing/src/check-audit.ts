import {
  type AttackDefinition,
  type AuditDefinition,
  type AuditSubject,
  bytesOf,
  checksum,
  type Doubt,
  parseThreat,
  type Parameters,
  Registry,
  REMEDIES,
  type Severity,
} from '@rampart/core';

import { auditArena } from './audit-arena';
import { auditSubject, type TrialSubject } from './audit-subject';
import { behind } from './behind';
import { closedFormClassifier } from './closed-form-classifier';
import { Broken, demand, describeLaws, judge, type Law, type LawCheck, once } from './law';

export interface AuditCheckOptions {
  /** Parameters to check it with; its defaults when left out. */
  readonly params?: Parameters;
  /** The attacks that the figures it is tried on are made with: `pgd`, `fgs` and `square` among them. */
  readonly attacks: Registry<AttackDefinition>;
  /** A figure with the fault that it looks for. */
  readonly faulty?: () => Promise<AuditSubject>;
}

/** Proves that an audit behaves, on figures of small models. Every law is named in `Law.name`. */
export async function checkAudit(definition: AuditDefinition, options: AuditCheckOptions): Promise<Law[]> {
  return judge(auditLaws(definition, options));
}

/** `checkAudit` as one test a law. */
export function describeAudit(definition: AuditDefinition, options: AuditCheckOptions): void {
  describeLaws(`audit ${definition.name}`, auditLaws(definition, options));
}

const SEVERITIES: readonly Severity[] = ['high', 'medium', 'low'];
const MODES: AuditSubject['modes'] = ['static', 'adaptive'];

/** Gradients that an audit may ask for however small its allowance is: a look at a few instances. */
const A_FEW = 64;

/** The laws of audits, as checks to run. */
export function auditLaws(
  definition: AuditDefinition,
  { params = {}, attacks, faulty }: AuditCheckOptions,
): LawCheck[] {
  const inspect = async (subject: AuditSubject): Promise<readonly Doubt[]> => {
    const audit = new Registry<AuditDefinition>('audit', [definition]).resolve({ name: definition.name, params });
    return audit.definition.inspect(audit.params, subject);
  };
  const { modes } = definition;
  const figures = once(() => honestFigures(attacks));
  // Anew every time, as audits may remember what they computed of a figure.
  const honest = async () => {
    const made = await figures();
    return modes.map((mode): TrialSubject => ({ ...made[mode], attackable: made[mode].attackable.slice() }));
  };
  const doubtful = once(() => doubtfulFigures(attacks));
  return [
    {
      name: 'runs to its end without an error',
      async check() {
        for (const subject of await honest()) await inspect(subject);
      },
    },
    {
      name: 'finds nothing serious on an honest model',
      async check() {
        for (const subject of await honest()) {
          const serious = (await inspect(subject)).find(({ severity }) => severity === 'high');
          demand(!serious, () => `On an honest ${subject.mode} figure it says: "${serious!.summary}"`);
        }
      },
    },
    ...(faulty
      ? [
          {
            name: 'finds the fault that it looks for',
            async check() {
              demand((await inspect(await faulty())).length > 0, () => 'On the figure with the fault it says nothing.');
            },
          },
        ]
      : []),
    {
      name: 'says each doubt in a sentence, with its evidence',
      async check() {
        for (const subject of [...(await doubtful()), ...(faulty ? [await faulty()] : [])]) {
          for (const doubt of await inspect(subject)) checkDoubt(doubt, subject);
        }
      },
    },
    {
      name: 'gives the same doubts for the same seed',
      async check() {
        const [first, second] = [await honest(), await honest()];
        for (const [i, subject] of first.entries()) {
          const [once, again] = [await inspect(subject), await inspect(second[i]!)].map((doubts) =>
            JSON.stringify(doubts),
          );
          demand(once === again, () => `It said ${once}, then ${again}. Draw from subject.rng.`);
        }
      },
    },
    {
      name: 'copes with nothing to attack',
      async check() {
        for (const subject of await honest()) await inspect({ ...subject, attackable: new Int32Array() });
      },
    },
    {
      name: 'copes with a figure of no attacks',
      async check() {
        for (const subject of await honest()) {
          await inspect({ ...subject, attacks: [], transferred: [], threats: [] });
        }
      },
    },
    {
      name: 'spends no more gradients than it may',
      async check() {
        for (const subject of await honest()) {
          const before = subject.spent();
          await inspect(subject);
          const spent = subject.spent() - before;
          const most = Math.max(A_FEW, subject.allowance);
          demand(spent <= most, () => `It may ask for ${most} gradients of an honest model. It asked for ${spent}.`);
        }
      },
    },
    {
      name: 'leaves the figure alone',
      async check() {
        for (const subject of await honest()) {
          const before = await fingerprint(subject);
          await inspect(subject);
          const after = await fingerprint(subject);
          demand(after === before, () => 'It changed the figure that it looks at. Work on a copy.');
        }
      },
    },
    {
      name: 'names modes and remedies that there are',
      check() {
        const { remedies } = definition;
        const strange = [
          ...modes.filter((mode) => !MODES.includes(mode)),
          ...remedies.filter((remedy, i) => !REMEDIES.includes(remedy) || remedies.indexOf(remedy) !== i),
        ];
        demand(
          modes.length > 0 && strange.length === 0,
          () =>
            `Expected at least one of the modes ${MODES.join(', ')}, and of the remedies ${REMEDIES.join(', ')} each at most once. Received: ${[...modes, ...remedies].join(', ')}.`,
        );
      },
    },
  ];
}

function checkDoubt({ severity, summary, evidence, threat, attack }: Doubt, subject: AuditSubject): void {
  demand(SEVERITIES.includes(severity), () => `Expected a severity of ${SEVERITIES.join(', ')}. Received ${severity}.`);
  demand(/^\S.*\.$/.test(summary), () => `Expected a sentence that ends with a full stop. Received "${summary}".`);
  const values = Object.entries(evidence);
  demand(values.length > 0, () => `It gives no evidence for "${summary}"`);
  const bad = values.find(([, value]) => typeof value === 'number' && !Number.isFinite(value));
  demand(!bad, () => `Its evidence "${bad![0]}" is ${bad![1]}. Expected a finite number, or a text.`);
  if (threat !== undefined) parseThreat(threat);
  const labels = [...subject.attacks, ...subject.transferred].map((one) => one.attack.label);
  if (attack !== undefined && !labels.includes(attack)) {
    throw new Broken(`It concerns the attack "${attack}". The figure's attacks are: ${labels.join(', ')}.`);
  }
}

/** Sound figures of a sound model, by mode: another like it is what replayed examples are made against. */
async function honestFigures(
  attacks: Registry<AttackDefinition>,
): Promise<Readonly<Record<AuditSubject['mode'], TrialSubject>>> {
  const { model, test } = await auditArena();
  const { model: source } = await auditArena({ seed: 'another model' });
  const adaptive = await auditSubject({
    ...{ model, test, registry: attacks, source },
    attacks: ['pgd(epsilon=0.02)', 'fgs(epsilon=0.02)', 'square(epsilon=0.02, queries=100)'],
    change: () => ({ modes: MODES }),
  });
  return { adaptive, static: { ...adaptive, mode: 'static', attacks: [] } };
}

/** Figures with several faults each, on which most audits have something to say. */
async function doubtfulFigures(attacks: Registry<AttackDefinition>): Promise<readonly AuditSubject[]> {
  const { form, test } = await auditArena({ instances: 40 });
  const sharp = closedFormClassifier(
    behind(form, (logits) => ({
      values: logits.map((value) => 5000 * value),
      pullBack: (slope) => slope.map((value) => 5000 * value),
    })),
  );
  const flat = closedFormClassifier({
    ...form,
    evaluate: (image) => ({ ...form.evaluate(image), pullBack: () => new Float64Array(image.length) }),
  });
  const texts = ['pgd(epsilon=0.02)', 'fgs(epsilon=0.02)', 'square(epsilon=0.02, queries=50)', 'fgs(epsilon=0.1)'];
  return Promise.all([
    auditSubject({ ...{ model: sharp, test, registry: attacks, attacks: texts, source: closedFormClassifier(form) } }),
    auditSubject({ ...{ model: flat, test, train: test, registry: attacks, attacks: texts } }),
    auditSubject({
      ...{ model: closedFormClassifier(form), test, train: test, registry: attacks, attacks: texts },
      // Nothing that was written down is true.
      change: (subject) => ({
        claimedAccuracy: 1,
        clean: subject.clean.map((label, i) => (i % 2 === 0 ? label : (label + 1) % form.classes)),
        modes: ['static'],
        steps: { operators: ['Round'], everywhere: true },
        attacks: subject.attacks.map((one) => ({
          ...one,
          examples: async (rows) => (await one.examples(rows)).map((value) => 2 * value),
          predictions: one.predictions.map((label) => (label + 1) % form.classes),
        })),
      }),
    }),
  ]);
}

async function fingerprint(subject: AuditSubject): Promise<string> {
  const { test, train, clean, attacked, attackable, attacks, transferred } = subject;
  const arrays = [test.images.data, test.labels, train.images.data, clean, attacked, attackable];
  const examples = await Promise.all([...attacks, ...transferred].map((one) => one.examples(attacked)));
  const results = [...attacks, ...transferred].flatMap((one) => [one.predictions, one.evades]);
  return [...arrays, ...examples, ...results].map((array) => checksum(bytesOf(array))).join(' ');
}
