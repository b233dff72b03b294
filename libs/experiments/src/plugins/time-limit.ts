/** Seconds that other people's code may take where the experiment says nothing: it may never end. */
export const PLUGIN_SECONDS = 3600;

/** What timers of Node can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls back after so many seconds, or as late as a timer can. */
export function afterSeconds(seconds: number, callback: () => void): NodeJS.Timeout {
  return setTimeout(callback, Math.min(seconds * 1000, LONGEST_MS));
}
