import type { ComponentDefinition } from './registry';

/** Components that somebody makes and publishes apart from Rampart. */
export interface Plugin {
  readonly kind: 'plugin';
  /** What its components' errors and results are marked with. */
  readonly name: string;
  readonly version: string;
  /** The range of versions of @rampart/core that it works with, such as ^0.1.0. */
  readonly core: string;
  readonly components: readonly ComponentDefinition[];
}

/** Declares a plugin: the default export of its module. */
export function definePlugin(plugin: Omit<Plugin, 'kind'>): Plugin {
  return { kind: 'plugin', ...plugin };
}
