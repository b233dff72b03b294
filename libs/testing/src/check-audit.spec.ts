import {
  type AttackDefinition,
  type AuditDefinition,
  type AuditSubject,
  defineAttack,
  defineAudit,
  type Doubt,
  type NormName,
  Registry,
  type RemedyName,
} from '@rampart/core';
import { z } from 'zod';

import { auditSubject } from './audit-subject';
import { auditArena } from './audit-arena';
import { checkAudit, describeAudit } from './check-audit';

const facts = { summary: 'It moves.', source: 'This spec', version: 1 };
const norms: readonly NormName[] = ['linf'];

/** Small attacks of the names that figures are made with. */
const attacks = new Registry<AttackDefinition>('attack', [
  defineAttack({
    ...{ ...facts, name: 'pgd', family: 'budget', norms, params: z.object({}) },
    each:
      ({ epsilon }) =>
      async (instance) => {
        const point = instance.original.slice();
        for (let step = 0; step < 5; step++) {
          const { gradient } = await instance.gradient(point, 'margin');
          for (let k = 0; k < point.length; k++) point[k]! -= (epsilon / 2) * Math.sign(gradient[k]!);
          instance.project(point);
        }
        await instance.margin(point);
      },
  }),
  defineAttack({
    ...{ ...facts, name: 'fgs', params: z.object({ epsilon: z.number() }) },
    threat: ({ epsilon }) => ({ norm: 'linf', epsilon }),
    create:
      ({ epsilon }) =>
      async ({ originals, count, box, gradient }) => {
        const asked = await gradient(originals, [...Array(count).keys()], 'cross-entropy');
        const candidates = originals.map((value, k) => {
          const moved = value - epsilon * Math.sign(asked.gradient[k]!);
          return Math.min(box.max, Math.max(box.min, moved));
        });
        return { candidates, iterations: new Int32Array(count).fill(1) };
      },
  }),
  defineAttack({
    ...{ ...facts, name: 'square', family: 'budget', norms, knowledge: 'scores' },
    params: z.object({ queries: z.int() }),
    each:
      ({ epsilon, queries }) =>
      async (instance) => {
        for (let query = 0; query < queries; query++) {
          const point = instance.original.map((value) => value + epsilon * (2 * instance.rng.integer(2) - 1));
          instance.project(point);
          await instance.margin(point);
        }
      },
  }),
]);

function audit(
  inspect: (subject: AuditSubject) => readonly Doubt[] | Promise<readonly Doubt[]>,
  remedies: readonly RemedyName[] = [],
): AuditDefinition {
  return defineAudit({
    ...{ ...facts, name: 'on-trial', params: z.object({}), remedies },
    inspect: (_params, subject) => inspect(subject),
  });
}

/** Finds what evades from too far away. */
function farAway({ attacks: made, threats }: AuditSubject): readonly Doubt[] {
  return made.flatMap(({ attack, evades, distances }): Doubt[] => {
    const most = Math.max(...threats.map(({ epsilon }) => epsilon)) + 1e-6;
    const far = distances.filter((distance, i) => evades[i] === 1 && distance > most).length;
    if (far === 0) return [];
    const summary = `${far} examples are too far away.`;
    return [{ severity: 'high', summary, evidence: { far }, attack: attack.label }];
  });
}

async function tooFar(): Promise<AuditSubject> {
  const { model, test } = await auditArena();
  return auditSubject({
    ...{ model, test, registry: attacks, attacks: ['pgd(epsilon=0.02)'] },
    change: (subject) => ({
      attacks: subject.attacks.map((one) => ({ ...one, distances: one.distances.map((distance) => 2 * distance) })),
    }),
  });
}

const doubt: Doubt = { severity: 'low', summary: 'It is small.', evidence: { size: 1 } };

describeAudit(audit(farAway, ['restarts']), { attacks, faulty: tooFar });

describe('checkAudit finds', () => {
  let calls = 0;
  const shown = 'says each doubt in a sentence, with its evidence';

  it.each<[string, AuditDefinition, readonly string[]]>([
    [
      'something serious about everything',
      audit(() => [{ ...doubt, severity: 'high' }]),
      ['finds nothing serious on an honest model'],
    ],
    ['nothing at all', audit(() => []), ['finds the fault that it looks for']],
    ['a severity of its own', audit(() => [{ ...doubt, severity: 'dire' as 'low' }]), [shown]],
    ['no sentence', audit(() => [{ ...doubt, summary: 'small' }]), [shown]],
    ['no evidence', audit(() => [{ ...doubt, evidence: {} }]), [shown]],
    ['evidence that is no number', audit(() => [{ ...doubt, evidence: { size: NaN } }]), [shown]],
    ['an attack that there was not', audit(() => [{ ...doubt, attack: 'cw' }]), [shown]],
    ['a threat that is none', audit(() => [{ ...doubt, threat: 'far' }]), [shown]],
    [
      'other doubts every time',
      audit(() => [{ ...doubt, evidence: { size: ++calls } }]),
      ['gives the same doubts for the same seed'],
    ],
    [
      'an error where nothing can be attacked',
      audit(({ attackable }) => [{ ...doubt, evidence: { first: attackable[0]!.toFixed() } }]),
      ['copes with nothing to attack'],
    ],
    [
      'an error where there are no attacks',
      audit(({ attacks: made }) => [{ ...doubt, attack: made[0]!.attack.label }]),
      ['copes with a figure of no attacks'],
    ],
    [
      'gradients without an end',
      audit(async (subject) => {
        const model = (await subject.open())!;
        for (let turn = 0; turn < 40; turn++) {
          await model.lossGradient(subject.test.images.data, subject.test.labels, 'margin');
        }
        return [doubt];
      }),
      ['spends no more gradients than it may'],
    ],
    [
      'a figure that was changed',
      audit(({ clean }) => {
        clean[0]! += 1;
        return [doubt];
      }),
      ['leaves the figure alone'],
    ],
    [
      'remedies that there are not',
      audit(() => [doubt], ['prayer' as 'restarts']),
      ['names modes and remedies that there are'],
    ],
    [
      'a remedy that is named twice',
      audit(() => [doubt], ['restarts', 'restarts']),
      ['names modes and remedies that there are'],
    ],
  ])('%s', async (_what, definition, expected) => {
    const broken = (await checkAudit(definition, { attacks, faulty: tooFar })).filter((law) => !law.ok);
    expect(broken.map((law) => law.name)).toEqual(expected);
  });
});
