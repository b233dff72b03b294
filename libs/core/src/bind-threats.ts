import type { Attack, AttackDefinition, AttackFamily } from './attack';
import { type ComponentSpec, formatComponent, type Parameters } from './component';
import { canonicalJson } from './content-key';
import { RampartError } from './error';
import type { Registry, RelatedRegistries } from './registry';
import type { NormName } from './threat/norm';
import { formatThreat } from './threat/parse-threats';
import type { Threat } from './threat/threat-model';

/** An attack whose results fill a threat. */
export interface ThreatFill {
  readonly attack: Attack;
  /**
   * How its results tell who withstands the threat: a `budget` attack stayed within epsilon, so every example that it
   * found counts; of a `minimum-norm` attack those count whose distance is at most epsilon.
   */
  readonly family: AttackFamily;
}

/** A threat, and the attacks that fill it: none where the experiment has none for it. */
export interface FilledThreat {
  readonly threat: Threat;
  readonly fills: readonly ThreatFill[];
}

/** Which attacks run, and what for. */
export interface BoundAttacks {
  /** Each attack to run; the same objects as in `threats`, which has no others. In the order of the experiment. */
  readonly attacks: readonly Attack[];
  /** Every threat of the experiment, in its order. */
  readonly threats: readonly FilledThreat[];
}

/** An attack to run, with the threats that it fills. */
interface Run {
  readonly spec: ComponentSpec;
  readonly family: AttackFamily;
  readonly threats: readonly Threat[];
}

/**
 * Tells which attacks run for which threat of an experiment.
 * - One that names its epsilon stays as it is, and fills the threat of its norm with just that epsilon, if there is one.
 * - One with a budget runs at each threat whose norm it can be asked about, or that its parameter `norm` names.
 * - One that looks for the nearest example runs once a norm, and fills all threats of that norm.
 * - One that has no norm runs as it is and fills none.
 *
 * Without threats every attack runs as it is.
 * @throws RampartError `usage` for an attack that fits none of the threats, and as `Registry.resolve` does
 */
export function bindThreats(
  specs: readonly ComponentSpec[],
  threats: readonly Threat[],
  registry: Registry<AttackDefinition>,
  related: RelatedRegistries = {},
): BoundAttacks {
  if (threats.length === 0) return { attacks: specs.map((spec) => registry.resolve(spec, related)), threats: [] };
  const attacks = new Map<string, Attack>();
  const fills = new Map(threats.map((threat) => [threat, new Map<Attack, ThreatFill>()]));
  for (const spec of specs) {
    for (const run of runsOf(spec, threats, registry, related)) {
      const resolved = registry.resolve(run.spec, related);
      // `pgd` and `pgd(norm=linf)` are one attack.
      const key = canonicalJson(resolved.spec);
      const attack = attacks.get(key) ?? resolved;
      attacks.set(key, attack);
      for (const threat of run.threats) fills.get(threat)!.set(attack, { attack, family: run.family });
    }
  }
  return {
    attacks: [...attacks.values()],
    threats: threats.map((threat) => ({ threat, fills: [...fills.get(threat)!.values()] })),
  };
}

function runsOf(
  spec: ComponentSpec,
  threats: readonly Threat[],
  registry: Registry<AttackDefinition>,
  related: RelatedRegistries,
): readonly Run[] {
  const definition = registry.get(spec.name);
  const { family, norms, params } = definition;
  const filledIn = (more: Parameters): ComponentSpec => ({ ...spec, params: { ...spec.params, ...more } });
  const open = 'epsilon' in params.shape && spec.params['epsilon'] === undefined;
  const required = open && !params.shape['epsilon']!.safeParse(undefined).success;
  // What is wrong with other parameters is said first.
  const whole = registry.resolve(required ? filledIn({ epsilon: threats[0]!.epsilon }) : spec, related);
  const own = definition.threat(whole.params);
  if (own.norm === 'none') return [{ spec, family: 'budget', threats: [] }];
  if (!open && family !== 'minimum-norm') {
    const same = threats.filter(({ norm, epsilon }) => norm === own.norm && epsilon === own.epsilon);
    return [{ spec, family: 'budget', threats: same }];
  }
  const known = norms.length > 0 ? norms : [own.norm];
  const told = spec.params['norm'] === undefined ? undefined : own.norm;
  const fitting = threats.filter(({ norm }) => (told === undefined ? known.includes(norm) : norm === told));
  if (fitting.length === 0) throw unfit(spec, known, told, threats);
  if (family === 'minimum-norm') {
    const asked = [...new Set(fitting.map(({ norm }) => norm))];
    return asked.map((norm) => ({
      spec: filledIn({ norm }),
      family,
      threats: fitting.filter((threat) => threat.norm === norm),
    }));
  }
  return fitting.map((threat) => ({
    spec: filledIn('norm' in params.shape ? { ...threat } : { epsilon: threat.epsilon }),
    family: 'budget',
    threats: [threat],
  }));
}

function unfit(
  spec: ComponentSpec,
  known: readonly NormName[],
  told: NormName | undefined,
  threats: readonly Threat[],
): RampartError {
  const norm = told === undefined ? '' : ` and is told to run in ${told}`;
  return new RampartError({
    code: 'usage',
    message: `Attack "${formatComponent(spec)}" fits none of the threats ${threats.map(formatThreat).join(', ')}: it knows ${known.join(', ')}${norm}. Add a threat of its norm, or leave the attack out.`,
  });
}
