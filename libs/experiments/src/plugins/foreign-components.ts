import { type ComponentDefinition, type ComponentSpec, formatComponent, type Registry } from '@rampart/core';

import { attacks, audits, defenses, metrics, modelSources } from '../components';
import type { Step } from '../step';

/** The components of plugins that do the work of a step, each as `Plugin acme 1.0.0, attack "x(epsilon=0.1)"`. */
export function foreignComponents(step: Step): string[] {
  return componentsOf(step).flatMap(([registry, spec]) => {
    const origin = registry.has(spec.name) ? registry.get(spec.name).origin : undefined;
    if (origin === undefined) return [];
    return [foreignName(origin, registry.kind, formatComponent(spec))];
  });
}

/** What errors call a component of a plugin. */
export function foreignName(origin: string, kind: string, label: string): string {
  return `${origin.split(',')[0]!.replace(/^p/, 'P')}, ${kind} "${label}"`;
}

type Component = readonly [Pick<Registry<ComponentDefinition>, 'kind' | 'has' | 'get'>, ComponentSpec];

function componentsOf(step: Step): Component[] {
  switch (step.kind) {
    case 'train':
      return [[modelSources, step.architecture]];
    case 'import':
    case 'ensemble':
    case 'robustness':
    case 'certify':
      return [];
    case 'harden':
      // It may call the attacks among its parameters.
      return [[defenses, step.defense], ...Object.values(step.defense.params).flat().filter(isSpec).map(asAttack)];
    case 'attack':
      return [asAttack(step.attack)];
    case 'audit':
      return [
        ...step.audits.map((spec): Component => [audits, spec]),
        ...[...step.attacks, ...step.transferred].map(({ attack }) => asAttack(attack)),
      ];
    case 'evaluate':
    case 'worst-case':
      return step.metrics.map((spec): Component => [metrics, spec]);
  }
}

function asAttack(spec: ComponentSpec): Component {
  return [attacks, spec];
}

function isSpec(value: unknown): value is ComponentSpec {
  return typeof value === 'object' && value !== null && 'name' in value && 'params' in value;
}
