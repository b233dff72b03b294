// The other libraries: a Python that answers a request a line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const pythonCommand = process.env.RAMPART_BENCH_PYTHON || 'python3';

/**
 * Starts it; undefined where there is none.
 * @param script a file of this folder that serves: see serve.py
 */
export async function startPython(script) {
  const file = fileURLToPath(new URL(script, import.meta.url));
  // -B: nothing is left in the source tree.
  const child = spawn(pythonCommand, ['-B', file], { stdio: ['pipe', 'pipe', 'pipe'] });
  const side = new PythonSide(pythonCommand, child);
  try {
    await once(child, 'spawn');
  } catch {
    return undefined;
  }
  return side;
}

/** Starts it, or says what is needed. */
export async function requirePython(script, packages) {
  const side = await startPython(script);
  if (side) return side;
  throw new Error(`There is no ${pythonCommand}. RAMPART_BENCH_PYTHON says which Python has ${packages}.`);
}

class PythonSide {
  #child;
  #waiting = new Map();
  #asked = 0;
  /** The last that it wrote to stderr, for the message where it ends. */
  #words = '';

  constructor(command, child) {
    this.command = command;
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text) => (this.#words = (this.#words + text).slice(-2000)));
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => this.#answer(JSON.parse(line)));
    child.on('close', (code) => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`${command} ended with ${code}: ${this.#words}`));
      }
      this.#waiting.clear();
    });
  }

  ask(method, params = {}) {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { method, resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  }

  close() {
    this.#child.stdin.end();
  }

  #answer({ id, result, error }) {
    const { method, resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(`${this.command}, ${method}: ${error}`));
  }
}
