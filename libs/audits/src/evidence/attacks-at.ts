import { type Attack, type AuditedAttack, type AuditSubject, formatThreat, type Threat } from '@rampart/core';

/** An example may be this much farther away than epsilon: rounding. */
const ROUNDING = 1e-6;

/** An attack as far as it answers for a threat. */
export interface AttackAt {
  readonly of: AuditedAttack;
  /** 1, by position, where its example evades from within the threat. */
  readonly breaks: Uint8Array;
}

/** What the figure is about; undefined alone where its attacks have no balls. */
export function threatsOf({ threats }: AuditSubject): readonly (Threat | undefined)[] {
  return threats.length > 0 ? threats : [undefined];
}

/** The ball of an attack that looks inside one; undefined for one without, or that looks for the nearest example. */
export function ballOf({ definition, params }: Attack): Threat | undefined {
  const threat = definition.threat(params);
  return threat.norm === 'none' || !Number.isFinite(threat.epsilon) ? undefined : threat;
}

/**
 * The attacks that answer for a threat: those with the same ball, and those of its norm that look for the nearest
 * example. All of them where there is no threat.
 */
export function attacksAt(attacks: readonly AuditedAttack[], threat: Threat | undefined): AttackAt[] {
  if (!threat) return attacks.map((of) => ({ of, breaks: of.evades }));
  return attacks.flatMap((of) => {
    const ball = of.attack.definition.threat(of.attack.params);
    if (ball.norm !== threat.norm) return [];
    if (!Number.isFinite(ball.epsilon)) {
      const most = threat.epsilon * (1 + ROUNDING);
      return [{ of, breaks: of.evades.map((evades, i) => Number(evades === 1 && of.distances[i]! <= most)) }];
    }
    return Math.abs(ball.epsilon - threat.epsilon) <= ROUNDING * threat.epsilon ? [{ of, breaks: of.evades }] : [];
  });
}

/** Positions of attackable instances that none of the attacks breaks. */
export function unbroken({ attackable }: AuditSubject, attacks: readonly AttackAt[]): Int32Array {
  return attackable.filter((position) => attacks.every(({ breaks }) => breaks[position] !== 1));
}

/** Whether any threat leaves an instance robust: without one there is no robustness to be doubted. */
export function anyRobust(subject: AuditSubject): boolean {
  return threatsOf(subject).some((threat) => unbroken(subject, attacksAt(subject.attacks, threat)).length > 0);
}

/** True for an attack that differentiates the model. */
export function followsGradients({ attack }: AuditedAttack): boolean {
  return attack.definition.knowledge === 'gradients';
}

/** The threat that a doubt concerns, as it is written. */
export function concerning(threat: Threat | undefined): { readonly threat?: string } {
  return threat ? { threat: formatThreat(threat) } : {};
}
