import { createHash } from 'node:crypto';

import type { Device } from '@rampart/core';

import { listed } from '../components';
import { CORE_VERSION } from '../plugins/load-plugin';
import type { PluginRef } from '../plugins/use-plugins';
import type { StepKind } from '../step';

const GIB = 2 ** 30;

let known: string | undefined;

/**
 * What the names of this version's queues begin with. Its code is part of it: the versions of Rampart and of all its
 * components, so that a worker of another version finds no step that it would do otherwise.
 */
export function queuePrefix(): string {
  known ??= `steps-${CORE_VERSION}-${hashOf(componentVersions()).slice(0, 8)}`;
  return known;
}

/** What a worker and a run must have in common. */
export function workerVersion(): string {
  return queuePrefix().slice('steps-'.length);
}

/** What a worker must have for the steps of a queue. */
export interface Demand {
  readonly kind: string;
  readonly bytes: number;
  /** A hash of the plugins' content; empty for none. */
  readonly plugins: string;
  /** The device that the steps compute on; empty for the CPU. */
  readonly device: string;
}

/** A queue of steps of one kind and device that need the same plugins, and at most so many bytes, in powers of two GiB. */
export function queueName(
  kind: StepKind,
  bytes: number,
  plugins: readonly PluginRef[] = [],
  device: Device | undefined = 'cpu',
): string {
  const gib = 2 ** Math.max(0, Math.ceil(Math.log2(bytes / GIB)));
  const needed = plugins.length === 0 ? '' : hashOf(plugins.map(({ content }) => content)).slice(0, 16);
  return [queuePrefix(), kind, gib, needed, device === 'cpu' ? '' : device].join('.');
}

/** What a queue's name says; undefined where it is none of this version. */
export function readQueueName(name: string): Demand | undefined {
  if (!name.startsWith(`${queuePrefix()}.`)) return undefined;
  const [kind = '', gib = '', plugins = '', device = ''] = name.slice(queuePrefix().length + 1).split('.');
  return { kind, bytes: Number(gib) * GIB, plugins, device };
}

/** A queue refuses a second job of one identity: a step's key gives the same one, whoever asks for it. */
export function jobIdOf(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** Of the components that come with Rampart: those of plugins are named by the content of their files in steps' keys. */
function componentVersions(): string[] {
  return Object.entries(listed).flatMap(([kind, registry]) =>
    registry
      .names()
      .map((name) => registry.get(name))
      .filter(({ origin }) => origin === undefined)
      .map(({ name, version }) => `${kind} ${name} ${version}`),
  );
}

function hashOf(texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}
