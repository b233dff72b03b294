/**
 * Ends the process as the signal ends one that does not listen to it. `process.exit` waits for threads, and aborts
 * where one of them is inside native code.
 * @param code what shells report then; the exit code where there are no signals
 */
export function endAtOnce(signal: 'SIGINT' | 'SIGPIPE', code: number): never {
  // The first listener takes the place of what Node does with the signal, and the last to go leaves the system's way.
  process.on(signal, () => undefined).removeAllListeners(signal);
  process.kill(process.pid, signal);
  process.exit(code);
}
