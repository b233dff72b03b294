import { cpus } from 'node:os';

/** Seconds of processor time that anybody on this machine has had. */
function processorSeconds() {
  let milliseconds = 0;
  for (const { times } of cpus()) milliseconds += times.user + times.nice + times.sys + times.irq;
  return milliseconds / 1000;
}

/** What a run cost, with `others`: the part of the processors that other programs had meanwhile. */
export async function measured(run) {
  const before = processorSeconds();
  const start = performance.now();
  const cost = await run();
  const seconds = (performance.now() - start) / 1000;
  const others = (processorSeconds() - before - cost.processor) / (seconds * cpus().length);
  return { ...cost, others: Math.max(0, others) };
}
