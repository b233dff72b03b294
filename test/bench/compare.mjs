// Times tasks in turn: A B A B ..., and prints work per second and the ratio of each to the first.
import Table from 'cli-table3';

/**
 * Work per second of each task in every round, after a warm-up, and its ratio to that of the first task.
 *
 * @param tasks `{ name, work, run }`: `run` does `work` units
 * @param options.rounds how often each is timed
 * @param options.clock milliseconds from any start
 */
export async function compareRates(tasks, { rounds = 7, clock = () => performance.now() } = {}) {
  for (const task of tasks) await task.run();
  const seconds = tasks.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, task] of tasks.entries()) {
      const start = clock();
      await task.run();
      seconds[index].push((clock() - start) / 1000);
    }
  }
  const rates = tasks.map((task, index) => seconds[index].map((time) => task.work / time));
  // Pairwise, so that a slow moment of the machine slows both sides of one ratio.
  const ratios = rates.map((rate) => rate.map((value, round) => value / rates[0][round]));
  return { rates, ratios };
}

/** Prints the rates of `compareRates` as a table. */
export async function compare(unit, tasks, options) {
  const { rates, ratios } = await compareRates(tasks, options);
  const table = new Table({
    head: ['', `${unit}/s`, `times the rate of ${tasks[0].name}`, 'min to max'],
    style: { head: [], border: [] },
  });
  const result = {};
  for (const [index, task] of tasks.entries()) {
    result[task.name] = median(ratios[index]);
    table.push([
      task.name,
      rounded(median(rates[index])),
      median(ratios[index]).toFixed(2),
      `${Math.min(...ratios[index]).toFixed(2)} to ${Math.max(...ratios[index]).toFixed(2)}`,
    ]);
  }
  console.log(table.toString());
  return result;
}

/** Whole numbers, and two digits of smaller ones. */
function rounded(rate) {
  return rate < 10 ? Number(rate.toPrecision(2)) : Math.round(rate);
}

/** Milliseconds of processor time that this process has had: what others on the machine do does not count. */
export function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
