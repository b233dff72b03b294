import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { classifierForm } from '@rampart/models';
import { differentiate, float32Tensor, inFastForm, probe, Session, type Tensor, withOutputs } from '@rampart/onnx';

import { gradientOf } from './gradient-of';
import { type Example, exampleOf, fileOf, type Network, networks } from './load-zoo';
import { relativeError } from './relative-error';

/*
 * Writes the zoo's table into docs/models.md from what it measures:
 *   node -r @swc-node/register --conditions=@rampart/source test/zoo/table.ts
 */

const PAGE = join(__dirname, '../../docs/models.md');
const [BEGIN, END] = ['<!-- zoo: made by "test/zoo/table.ts" -->', '<!-- end of zoo -->'];

/** Rows of one run, seconds of processor time that a measurement takes at least, and pairs of measurements. */
const ROWS = 64;
const SECONDS = 0.1;
const PAIRS = 7;

const VERDICTS = { exact: 'exact', zero: 'zero by nature', 'straight-through': 'through its steps' };

/** Processor time of one run, in seconds. */
async function secondsOf(session: Session, feeds: Readonly<Record<string, Tensor>>): Promise<number> {
  await session.run(feeds);
  const before = process.cpuUsage();
  for (let runs = 1; ; runs++) {
    await session.run(feeds);
    const { user, system } = process.cpuUsage(before);
    if (user + system > SECONDS * 1e6) return (user + system) / 1e6 / runs;
  }
}

/** Forward passes of the file that its outputs with their gradient by the input cost: the median of some pairs. */
async function costOf(network: Network, file: Uint8Array, { shape, input: data }: Example): Promise<number> {
  const model = classifierForm(file);
  const input = model.graph.inputs[0]!;
  const rows = typeof input.dims?.[0] === 'number' ? input.dims[0] : ROWS;
  const size = data.length / shape[0]!;
  const batch = Float32Array.from({ length: rows * size }, (_, i) => data[i % data.length]!);
  const feeds = { [input.name]: float32Tensor([rows, ...shape.slice(1)], batch) };
  const fast = inFastForm(model, await probe(model, { feeds }));
  const types = await probe(fast, { feeds });
  const outputs = types.model.graph.outputs.map(({ name }) => name);
  const of = outputs.filter((name) => types.values.get(name)?.type === 'float32');
  const straightThrough = network.gradient === 'straight-through';
  const derived = differentiate(types.model, { of, wrt: [input.name], types, straightThrough });
  const forward = await Session.open(file);
  const backward = await Session.open(withOutputs(derived.model, [...of, derived.gradients.get(input.name)!]));
  const costs: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++)
    costs.push((await secondsOf(backward, feeds)) / (await secondsOf(forward, feeds)));
  await forward.dispose();
  await backward.dispose();
  return costs.toSorted((a, b) => a - b)[Math.floor(PAIRS / 2)]!;
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
