import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { RampartError } from '@rampart/core';

/** What loading a plugin may take at most, on a busy machine too. */
const LOADING_SECONDS = 60;

/** What the thread has to say. */
const [WAITING, LOADED, EXITED] = [0, 1, 2];

/** Loads the plugin and says so; what is wrong with it is told by whoever loads it next. */
const THREAD = `
const { workerData: { module, reference, folder, state } } = require('node:worker_threads');
const say = (value) => {
  if (Atomics.compareExchange(state, 0, ${WAITING}, value) === ${WAITING}) Atomics.notify(state, 0);
};
process.on('exit', () => say(${EXITED}));
try {
  require(module).loadPlugin(reference, folder);
} catch {}
say(${LOADED});
process.exit();
`;

/**
 * Loads a plugin in a thread of its own, which can be ended, before this thread does: its code may never end, or end
 * the process.
 * @throws RampartError `usage` where it does
 */
export function tryLoading(reference: string, folder: string, timeLimit = LOADING_SECONDS): void {
  const seconds = Math.min(timeLimit, LOADING_SECONDS);
  const state = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(THREAD, {
    eval: true,
    stdout: true,
    stderr: true,
    workerData: { module: join(__dirname, 'load-plugin'), reference, folder, state },
  });
  worker.unref();
  const inTime = Atomics.wait(state, 0, WAITING, seconds * 1000) !== 'timed-out';
  void worker.terminate();
  if (inTime && state[0] !== EXITED) return;
  const what = inTime
    ? 'it ends the process that loads it. Throw an error instead'
    : `it was not loaded within ${seconds} s. See what its code does outside of its components`;
  throw new RampartError({ code: 'usage', message: `Plugin "${reference}" is refused: ${what}.` });
}
