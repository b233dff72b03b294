import { type AuditedAttack, type AuditSubject, canonicalJson, defineAudit, type Doubt } from '@rampart/core';
import { z } from 'zod';

import { anyRobust, ballOf, concerning, followsGradients, unbroken } from './evidence/attacks-at';
import { share } from './evidence/share';
import { spread } from './evidence/spread';
import { partOf } from './evidence/words';

/** Instances below which the probe says nothing. */
const FEWEST = 4;

/**
 * Robust accuracy that does not fall as epsilon grows, or that is left where an attacker may change everything: within
 * the whole box every image can be turned into any other, so an attack that fails there fails for its own sake.
 */
export const epsilonWithoutEffect = defineAudit({
  name: 'epsilon-without-effect',
  summary: 'Robust accuracy does not fall with epsilon, or is left where everything may change.',
  source:
    'Athalye, Carlini, Wagner 2018, "Obfuscated gradients give a false sense of security", section 3.1; Carlini et al. 2019, "On evaluating adversarial robustness", section 3.1; Pintor et al. 2022, "Indicators of attack failure", I6 (unconstrained attack failure)',
  version: 1,
  params: z.object({
    sample: z.int().positive().default(16).describe('Attackable instances that are probed, at the most.'),
    steps: z.int().positive().default(40).describe('Gradient steps of the probe.'),
    left: z
      .number()
      .positive()
      .lt(1)
      .default(0.5)
      .describe('The part of them that may be left robust where everything may change.'),
    factor: z.number().min(1).default(2).describe('How far apart the epsilons of one attack must be to be compared.'),
  }),
  remedies: ['inner-logits', 'straight-through', 'inverted-front', 'transfer', 'surrogate', 'black-box'],
  async inspect({ sample, steps, left, factor }, subject) {
    return [...flat(subject, factor), ...(await probed(subject, { sample, steps, left }))];
  },
});

/** Attacks that leave as much at a large epsilon as at a small one. */
function flat(subject: AuditSubject, factor: number): Doubt[] {
  return series(subject).flatMap((attacks): Doubt[] => {
    const epsilonOf = ({ attack }: AuditedAttack) => ballOf(attack)!.epsilon;
    const sorted = attacks.toSorted((a, b) => epsilonOf(a) - epsilonOf(b));
    const [small, large] = [sorted[0]!, sorted.at(-1)!];
    const of = (one: AuditedAttack) => unbroken(subject, [{ of: one, breaks: one.evades }]).length;
    const [before, after] = [of(small), of(large)];
    if (epsilonOf(large) < factor * epsilonOf(small) || after === 0 || after < before) return [];
    return [
      {
        severity: 'medium',
        summary: `${large.attack.label} leaves ${after} instances robust, and with an epsilon of ${epsilonOf(small)} ${before}: more room does not help it.`,
        evidence: { small: epsilonOf(small), leftAtSmall: before, large: epsilonOf(large), leftAtLarge: after },
        ...concerning(ballOf(large.attack)),
        attack: large.attack.label,
      },
    ];
  });
}

/** Attacks that differ in nothing but their epsilon. */
function series({ attacks }: AuditSubject): AuditedAttack[][] {
  const groups = new Map<string, AuditedAttack[]>();
  for (const one of attacks) {
    if (!ballOf(one.attack)) continue;
    const { name, params } = one.attack.spec;
    const key = canonicalJson({ name, params: { ...params, epsilon: null } });
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

async function probed(
  subject: AuditSubject,
  { sample, steps, left: most }: { readonly sample: number; readonly steps: number; readonly left: number },
): Promise<Doubt[]> {
  if (!subject.attacks.some(followsGradients) || !anyRobust(subject)) return [];
  const affordable = share(subject, 'epsilon') / steps;
  const positions = spread(subject.attackable, Math.min(sample, affordable));
  if (positions.length < FEWEST) return [];
  const epsilon = subject.box.max - subject.box.min;
  const params = { norm: 'linf', epsilon, loss: 'difference', steps };
  const found = await subject.attack({ name: 'apgd', params }, positions);
  const left = found?.evades.filter((evades) => evades === 0).length ?? 0;
  if (!(left > most * positions.length)) return [];
  return [
    {
      severity: 'high',
      summary: `Where every pixel may take every value, gradient descent leaves ${partOf(left, positions.length)} instances robust: it fails for its own sake.`,
      evidence: { instances: positions.length, left, epsilon },
    },
  ];
}
