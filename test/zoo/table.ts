import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { readModel, Session } from '@rampart/onnx';

import { gradientOf } from './gradient-of';
import { type Example, exampleOf, fileOf, type Network, networks } from './load-zoo';
import { relativeError } from './relative-error';

/*
 * Writes the zoo's table into docs/models.md from what it measures:
 *   node -r @swc-node/register --conditions=@rampart/source test/zoo/table.ts
 */

const PAGE = join(__dirname, '../../docs/models.md');
const [BEGIN, END] = ['<!-- zoo: made by "test/zoo/table.ts" -->', '<!-- end of zoo -->'];

/** Rows of one run, and the seconds of processor time that a measurement takes at least. */
const ROWS = 64;
const SECONDS = 0.25;

const VERDICTS = { exact: 'exact', zero: 'zero by nature', 'straight-through': 'through its steps' };

function repeated({ shape, input, labels }: Example, rows: number): Example {
  const [count = 1, ...rest] = shape;
  const size = input.length / count;
  const all = new Float32Array(rows * size);
  for (let i = 0; i < all.length; i++) all[i] = input[i % input.length]!;
  const classes = Int32Array.from({ length: rows }, (_, i) => labels[i % labels.length]!);
  return { shape: [rows, ...rest], input: all, labels: classes, gradient: undefined };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Processor time of one row, by the difference of many rows and few: what opening takes falls out. */
async function perRow(work: (rows: number) => Promise<unknown>, batch: number): Promise<number> {
  await work(batch);
  for (let rows = 8 * batch; ; rows *= 4) {
    const [few, many] = [await seconds(() => work(batch)), await seconds(() => work(rows))];
    if (many - few > SECONDS || rows > 1e5) return (many - few) / (rows - batch);
  }
}

/** Forward passes that a gradient costs. */
async function costOf(network: Network, file: Uint8Array, example: Example): Promise<number> {
  const { graph } = readModel(file);
  const input = graph.inputs.find(({ name }) => !graph.initializers.has(name))!;
  const fixed = input.dims?.[0];
  const batch = typeof fixed === 'number' ? fixed : ROWS;
  const session = await Session.open(file);
  const forward = async (rows: number) => {
    const { input: data, shape } = repeated(example, batch);
    for (let done = 0; done < rows; done += batch) {
      await session.run({ [input.name]: { type: 'float32', dims: shape, data } });
    }
  };
  const gradient = (rows: number) => gradientOf(network, file, repeated(example, rows));
  const [of, over] = [await perRow(gradient, batch), await perRow(forward, batch)];
  await session.dispose();
  return of / over;
}

async function rowOf(network: Network): Promise<string> {
  const file = fileOf(network);
  const example = exampleOf(network);
  const { gradient } = await gradientOf(network, file, example);
  const error = example.gradient && relativeError(gradient, example.gradient);
  const verdict = VERDICTS[network.gradient ?? 'exact'];
  const cost = network.gradient === 'zero' ? undefined : await costOf(network, file, example);
  const cells = [
    network.name,
    network.source,
    `${network.exporter.replace('torch.onnx.export', 'torch')}, ${network.opset}`,
    verdict,
    error === undefined ? '' : error.toExponential(1),
    cost === undefined ? '' : cost.toFixed(1),
  ];
  process.stderr.write(`${cells.join('  ')}\n`);
  return `| ${cells.join(' | ')} |`;
}

async function main(): Promise<void> {
  const lines = [
    '| network | made with | exporter, operator set | gradient | relative error | forward passes |',
    '|---|---|---|---|---|---|',
  ];
  for (const network of networks) lines.push(await rowOf(network));
  const page = readFileSync(PAGE, 'utf8');
  const [before, after] = [page.split(BEGIN)[0]!, page.split(END)[1]!];
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${lines.join('\n')}\n\n${END}${after}`);
}

void main();
