import path from 'node:path';

import { type Ended, rampart } from '../integration/rampart';

export const MODELS = path.join(__dirname, '../fixtures/models');
export const LENET5 = path.join(MODELS, 'lenet5-torchscript-opset13.onnx');

export interface Cell {
  readonly model: string;
  readonly attack: string;
  readonly mode: string;
  readonly metric: string;
  readonly value: number;
}

export interface RunLine {
  readonly run: { readonly id: string; readonly state: string; readonly notes: readonly string[] };
  readonly cells: readonly Cell[];
  readonly models: readonly { readonly label: string; readonly artifact: string }[];
}

/** Runs a command that must succeed with `--json`. */
export async function runJson(args: readonly string[]): Promise<RunLine> {
  const ended = await rampart([...args, '--json']);
  expect(ended.stderr).toBe('');
  expect(ended.code).toBe(0);
  const lines = ended.stdout.trim().split('\n');
  const last = lines.map((line) => JSON.parse(line) as { type: string }).find(({ type }) => type === 'run');
  return last as unknown as RunLine;
}

/** A metric's values by attack, for one model and one way of making examples. */
export function valuesOf(
  { cells }: Pick<RunLine, 'cells'>,
  metric: string,
  model: string,
  mode: string,
): Record<string, number> {
  return Object.fromEntries(
    cells
      .filter((cell) => cell.metric === metric && cell.model === model && cell.mode === mode)
      .map(({ attack, value }) => [attack, value]),
  );
}

/** That a command ended with one line that says all of this, and did nothing else. */
export function expectRefusal(ended: Ended, code: number, says: readonly (string | RegExp)[]): void {
  expect(ended.stdout).toBe('');
  const lines = ended.stderr.trim().split('\n');
  expect(lines).toHaveLength(1);
  for (const what of says) expect(lines[0]).toMatch(what);
  expect(ended.code).toBe(code);
}
