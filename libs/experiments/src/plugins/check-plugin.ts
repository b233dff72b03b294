import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

import { RampartError, throwIfCancelled } from '@rampart/core';

/** A component, and what became of each law of its kind. */
export interface ComponentVerdict {
  readonly kind: string;
  readonly name: string;
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
  readonly component: number;
  readonly dataDir: string | undefined;
}

/** What the process says. */
export type CheckMessage =
  | {
      readonly type: 'plugin';
      readonly name: string;
      readonly version: string;
      readonly components: readonly { readonly kind: string; readonly name: string }[];
    }
  | { readonly type: 'laws'; readonly names: readonly string[] }
  | { readonly type: 'verdict'; readonly ok: boolean; readonly message: string }
  | { readonly type: 'failed'; readonly message: string };

/**
 * Runs the conformance kits on a plugin's components, each in a process of its own with a time limit for every law.
 * @throws RampartError `usage` where the plugin cannot be loaded
 */
export async function checkPlugin(reference: string, options: CheckPluginOptions): Promise<PluginVerdict> {
  const components: ComponentVerdict[] = [];
  for (let index = 0; ; index++) {
    throwIfCancelled(options.signal);
    const trial = await judgeComponent(reference, index, options);
    components.push(trial.verdict);
    options.onComponent?.(trial.verdict);
    if (index + 1 === trial.plugin.components.length) {
      return { name: trial.plugin.name, version: trial.plugin.version, components };
    }
  }
}

interface Trial {
  readonly plugin: Extract<CheckMessage, { type: 'plugin' }>;
  readonly verdict: ComponentVerdict;
}

function judgeComponent(reference: string, index: number, options: CheckPluginOptions): Promise<Trial> {
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
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, timeLimit * 1000);
    };
    const stop = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', stop);
    child.on('message', (message: CheckMessage) => {
      watch();
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
        ? `It did not end within ${timeLimit} s.`
        : `Its process ended with ${killedBy ?? `code ${code}`} before a verdict.`;
      const component = plugin?.components[index];
      if (!plugin || !component) {
        return reject(
          new RampartError({ code: 'usage', message: failure ?? `Plugin "${reference}" cannot be loaded: ${ended}` }),
        );
      }
      if (names.length === 0) names = ['can be put on trial'];
      if (laws.length < names.length) {
        const [next, ...rest] = names.slice(laws.length);
        laws.push({ name: next!, verdict: 'broken', message: failure ?? ended });
        laws.push(...rest.map((name): LawVerdict => ({ name, verdict: 'not judged', message: '' })));
      }
      resolve({ plugin, verdict: { ...component, laws } });
    });
    watch();
    child.send({ reference, folder, component: index, dataDir } satisfies CheckRequest);
  });
}
