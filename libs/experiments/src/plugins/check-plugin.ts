import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

import { type ComponentSpec, parseComponent, RampartError, throwIfCancelled } from '@rampart/core';

/** A component, and what became of each law of its kind. */
export interface ComponentVerdict {
  readonly kind: string;
  readonly name: string;
  /** As `name(parameter=value)`: the parameters that it was told to be tried with. */
  readonly label: string;
  readonly laws: readonly LawVerdict[];
}

export interface LawVerdict {
  readonly name: string;
  readonly verdict: 'kept' | 'broken' | 'not judged';
  /** What was found and what to do, where it is broken. */
  readonly message: string;
}

export interface PluginVerdict {
  readonly name: string;
  readonly version: string;
  readonly components: readonly ComponentVerdict[];
}

export interface CheckPluginOptions {
  /** What a path starts from. */
  readonly folder: string;
  /** Components to try, as `name(parameter=value)`; every one with its defaults where nothing is said. */
  readonly components?: readonly string[];
  /** Where the data of datasets is. */
  readonly dataDir?: string;
  /** Seconds that one law may take. */
  readonly timeLimit: number;
  readonly signal?: AbortSignal;
  readonly onComponent?: (verdict: ComponentVerdict) => void;
}

/** What the process is told. */
export interface CheckRequest {
  readonly reference: string;
  readonly folder: string;
  /** Its index in the plugin, or its name with parameters. */
  readonly component: number | ComponentSpec;
  readonly dataDir: string | undefined;
}

/** What the process says. */
export type CheckMessage =
  | {
      readonly type: 'plugin';
      readonly name: string;
      readonly version: string;
      /** How many components it has. */
      readonly size: number;
      /** The one on trial. */
      readonly component: Omit<ComponentVerdict, 'laws'>;
    }
  | { readonly type: 'laws'; readonly names: readonly string[] }
  | { readonly type: 'verdict'; readonly ok: boolean; readonly message: string }
  | { readonly type: 'failed'; readonly message: string };

/**
 * Runs the conformance kits on a plugin's components, each in a process of its own with a time limit for every law.
 * @throws RampartError `usage` where the plugin cannot be loaded, or has no such component, or its parameters are off
 */
export async function checkPlugin(reference: string, options: CheckPluginOptions): Promise<PluginVerdict> {
  const wanted = options.components?.map(parseComponent);
  const components: ComponentVerdict[] = [];
  for (let index = 0; ; index++) {
    throwIfCancelled(options.signal);
    const { plugin, verdict } = await judgeComponent(reference, wanted?.[index] ?? index, options);
    components.push(verdict);
    options.onComponent?.(verdict);
    if (index + 1 === (wanted?.length ?? plugin.size)) {
      return { name: plugin.name, version: plugin.version, components };
    }
  }
}

/** What a process may take until the plugin is loaded, on a busy machine too. */
const LOADING_SECONDS = 120;

/** Judged when the process ends: a timer that is left behind holds it, or fails in the middle of something else. */
const LAST_LAW = 'leaves nothing behind that runs on or fails later';

interface Trial {
  readonly plugin: Extract<CheckMessage, { type: 'plugin' }>;
  readonly verdict: ComponentVerdict;
}

function judgeComponent(
  reference: string,
  component: number | ComponentSpec,
  options: CheckPluginOptions,
): Promise<Trial> {
  const { folder, dataDir, timeLimit, signal } = options;
  return new Promise((resolve, reject) => {
    const child: ChildProcess = fork(join(__dirname, 'check-process.js'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let plugin: Trial['plugin'] | undefined;
    let names: readonly string[] = [];
    const laws: LawVerdict[] = [];
    let timer: NodeJS.Timeout;
    let failure: string | undefined;
    let late = false;
    const watch = (seconds: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, seconds * 1000);
    };
    const stop = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', stop);
    child.on('message', (message: CheckMessage) => {
      watch(timeLimit);
      if (message.type === 'plugin') plugin = message;
      else if (message.type === 'laws') names = message.names;
      else if (message.type === 'failed') failure = message.message;
      else {
        const name = names[laws.length]!;
        laws.push({ name, verdict: message.ok ? 'kept' : 'broken', message: message.message });
      }
    });
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) return reject(new RampartError({ code: 'cancelled', message: 'Cancelled.' }));
      const ended = late
        ? `It did not end within ${plugin ? timeLimit : Math.max(timeLimit, LOADING_SECONDS)} s.`
        : `Its process ended with ${killedBy ?? `code ${code}`}.`;
      if (!plugin) {
        return reject(
          new RampartError({ code: 'usage', message: failure ?? `Plugin "${reference}" cannot be loaded: ${ended}` }),
        );
      }
      if (names.length === 0) names = ['can be put on trial'];
      if (laws.length === names.length) {
        const quiet = !late && code === 0;
        laws.push({ name: LAST_LAW, verdict: quiet ? 'kept' : 'broken', message: quiet ? '' : ended });
      } else {
        const [next, ...rest] = names.slice(laws.length);
        laws.push({ name: next!, verdict: 'broken', message: failure ?? ended });
        const unjudged = [...rest, LAST_LAW].map((name): LawVerdict => ({ name, verdict: 'not judged', message: '' }));
        laws.push(...unjudged);
      }
      resolve({ plugin, verdict: { ...plugin.component, laws } });
    });
    watch(Math.max(timeLimit, LOADING_SECONDS));
    child.send({ reference, folder, component, dataDir } satisfies CheckRequest);
  });
}
