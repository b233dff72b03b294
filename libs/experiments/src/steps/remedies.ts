import { attacks } from '@rampart/attacks';
import type { ComponentSpec, ModelView, RemedyName, Threat } from '@rampart/core';

/** An attack that a remedy runs, and how it looks at the model. */
export interface RemedyAttack {
  readonly spec: ComponentSpec;
  readonly view: ModelView;
  /** What tables add to the attack's name. */
  readonly how: string;
}

/** A remedy that runs attacks one after the other, each on what those before it left. */
export interface AttackingRemedy {
  /** Whether it follows gradients of the model. */
  readonly gradients: boolean;
  /** None where it knows nothing about the norm. */
  attacks(threat: Threat, classes: number): readonly RemedyAttack[];
  /** Whether it goes on, with twice the effort, as long as that breaks more. */
  readonly repeats?: (attack: ComponentSpec, turn: number) => ComponentSpec;
}

/** The remedies that are nothing but attacks; `inverted-front`, `averaging` and `transfer` are not. */
export type AttackingRemedyName = Exclude<RemedyName, 'inverted-front' | 'averaging' | 'transfer'>;

/** Gaussian noise, as a part of epsilon, that smooths a gradient, and draws of it. */
const SMOOTHING = { part: 0.5, samples: 8 };

/** Turns of a remedy that repeats, at the most. */
export const MOST_TURNS = 4;

export const ATTACKING_REMEDIES: Readonly<Record<AttackingRemedyName, AttackingRemedy>> = {
  'another-loss': { gradients: true, attacks: (threat, classes) => descents(threat, classes, 'another loss') },
  'inner-logits': {
    gradients: true,
    attacks: (threat, classes) => [
      ...descents(threat, classes, 'inner logits', { logits: 'inner' }),
      ...descents(threat, classes, 'log-probabilities', { logits: 'log-probabilities' }),
    ],
  },
  'straight-through': {
    gradients: true,
    attacks: (threat, classes) => [
      ...descents(threat, classes, 'straight-through', { backward: 'straight-through' }),
      ...descents(threat, classes, 'straight-through, inner logits', { backward: 'straight-through', logits: 'inner' }),
    ],
  },
  'smoothed-gradient': {
    gradients: true,
    attacks: (threat, classes) =>
      descents(threat, classes, 'smoothed gradient', {
        smoothing: { radius: SMOOTHING.part * radiusOf(threat), samples: SMOOTHING.samples },
      }),
  },
  'more-steps': {
    gradients: true,
    attacks: (threat, classes) => descents(threat, classes, 'more steps', {}, { steps: 200 }),
    repeats: (spec, turn) => withParameter(spec, 'steps', 200 * 2 ** turn),
  },
  restarts: {
    gradients: true,
    attacks: (threat, classes) => descents(threat, classes, 'restarts', {}, { restarts: 5 }),
    repeats: (spec, turn) => withParameter(spec, 'restarts', 5 * 2 ** turn),
  },
  targeted: {
    gradients: true,
    attacks: (threat, classes) => descents(threat, classes, 'targeted').slice(-1),
  },
  surrogate: {
    gradients: false,
    attacks: ({ norm, epsilon }) =>
      norm === 'linf' || norm === 'l2'
        ? [{ spec: { name: 'substitute', params: { norm, epsilon } }, view: {}, how: 'surrogate' }]
        : [],
  },
  'black-box': {
    gradients: false,
    attacks: ({ norm, epsilon }) => {
      const spec: ComponentSpec =
        norm === 'l0'
          ? { name: 'sparse-rs', params: { norm, epsilon } }
          : { name: 'square', params: { norm, epsilon, giveUp: true } };
      return [{ spec, view: {}, how: 'black box' }];
    },
  },
};

/** Code versions of the attacks that remedies run. */
export function remedyVersions(): Readonly<Record<string, number>> {
  const names = ['apgd', 'pgd', 'sigma-zero', 'square', 'sparse-rs', 'substitute'];
  return Object.fromEntries(names.map((name) => [name, attacks.get(name).version]));
}

/** APGD on cross-entropy and on the difference of logits ratio, against the other classes in turn; l0: sigma-zero. */
function descents(
  { norm, epsilon }: Threat,
  classes: number,
  how: string,
  view: ModelView = {},
  more: ComponentSpec['params'] = {},
): readonly RemedyAttack[] {
  if (norm === 'l0') return [{ spec: { name: 'sigma-zero', params: more }, view, how }];
  const apgd = (loss: string, params: ComponentSpec['params'] = {}) => ({
    spec: { name: 'apgd', params: { norm, epsilon, loss, ...params, ...more } },
    view,
    how,
  });
  const targeted = classes > 3 ? 'targeted-dlr' : 'targeted-difference';
  return [apgd('ce'), apgd('difference'), apgd(targeted, { targets: Math.min(9, classes - 1) })];
}

/** About how far a feature moves within a ball. */
function radiusOf({ norm, epsilon }: Threat): number {
  return norm === 'linf' ? epsilon : 0.05;
}

function withParameter(spec: ComponentSpec, name: string, value: number): ComponentSpec {
  if (!(name in spec.params)) return spec;
  return { ...spec, params: { ...spec.params, [name]: value } };
}
