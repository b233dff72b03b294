// Rampart, as an experiment runs it: worker threads, each with a share of the instances and sessions of its own.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export class RampartSide {
  #workers;

  constructor(threads) {
    this.#workers = Array.from({ length: threads }, () => new Worker(new URL('rampart-worker.mjs', import.meta.url)));
  }

  /** Opens a model, and keeps the instances that it is attacked on. */
  async open(name, { bytes, data, labels }) {
    await Promise.all(this.#workers.map((worker) => ask(worker, 'open', { name, bytes, data, labels })));
  }

  /** Runs an attack on the first instances. Returns what it cost, and how many withstood it. */
  async attack(name, { text, count, threads }) {
    const processor = process.cpuUsage();
    const start = performance.now();
    const parts = await this.#shared('attack', { name, text }, { count, threads });
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(processor);
    const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
    return {
      seconds,
      processor: (user + system) / 1e6,
      robust: sum('robust'),
      forward: sum('forward'),
      gradients: sum('gradients'),
    };
  }

  /** Takes the gradients of the first instances some times. Returns them. */
  async gradients(name, { count, times, threads }) {
    const parts = await this.#shared('gradients', { name, times }, { count, threads });
    const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    parts.reduce((offset, part) => (whole.set(part, offset), offset + part.length), 0);
    return whole;
  }

  /** Asks threads at once, each with a share of the instances. */
  #shared(method, params, { count, threads }) {
    const share = Math.ceil(count / threads);
    return Promise.all(
      this.#workers.slice(0, threads).map((worker, part) => {
        const [first, end] = [part * share, Math.min(count, (part + 1) * share)];
        return ask(worker, method, { ...params, first, end });
      }),
    );
  }

  async close() {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** One question at a time to each worker. */
async function ask(worker, method, params) {
  worker.postMessage({ method, params });
  const [{ result, error }] = await once(worker, 'message');
  if (error) throw error;
  return result;
}
