// Times tasks in turn: A B A B ..., and prints work per second and the ratio of each to the first.
import Table from 'cli-table3';

/**
 * @param tasks `{ name, work, run }`: `run` does `work` units
 * @param options.rounds how often each is timed after a warm-up
 */
export async function compare(unit, tasks, { rounds = 7 } = {}) {
  for (const task of tasks) await task.run();
  const seconds = tasks.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, task] of tasks.entries()) {
      const start = performance.now();
      await task.run();
      seconds[index].push((performance.now() - start) / 1000);
    }
  }
  const table = new Table({
    head: ['', `${unit}/s`, `times the rate of ${tasks[0].name}`, 'min to max'],
    style: { head: [], border: [] },
  });
  const rates = tasks.map((task, index) => seconds[index].map((time) => task.work / time));
  const result = {};
  for (const [index, task] of tasks.entries()) {
    // Pairwise, so that a slow moment of the machine slows both sides of one ratio.
    const ratios = rates[index].map((rate, round) => rate / rates[0][round]);
    result[task.name] = median(ratios);
    table.push([
      task.name,
      Math.round(median(rates[index])),
      median(ratios).toFixed(2),
      `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
    ]);
  }
  console.log(table.toString());
  return result;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
