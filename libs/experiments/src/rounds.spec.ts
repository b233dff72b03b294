import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readReport } from '@rampart/reports';
import { openStore } from '@rampart/results';

import { parseExperiment } from './experiment';
import { prepare } from './prepare';
import { runHere } from './run-here.kit';

const ROUNDING = 'feature-squeezing(bits=5, smoothing=none)';
const RETRAINED = 'rad(attack=fgs(epsilon=0.1), rounds=1, epochs=1)';
const TEXT = `
name: game
dataset: mnist(classes=[4, 7], trainLimit=300, testLimit=60)
models: [lenet5]
training: { epochs: 2 }
attacks: [fgs(epsilon=0.3)]
defenses: ["${ROUNDING}", "${RETRAINED}"]
examples: [static, adaptive, transfer]
audits: [step-operators]
remedyBudget: 1
rounds: 3
`;

const folder = mkdtempSync(join(tmpdir(), 'rampart-rounds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('plays the repeated game to its equilibrium, attacks around what hides gradients, and replays on every other model', async () => {
  const store = await openStore(join(folder, 'store'), { create: true });
  const { run } = await runHere(store, TEXT, folder);
  expect(run.state).toBe('done');
  const cells = (await store.cells.ofRun(run.id)).filter(({ metric }) => metric === 'error-rate');
  const error = (model: string, mode: string) =>
    cells.find((cell) => cell.model === model && cell.mode === mode)?.value;

  // Rounding once or twice is the same: the third round would change nothing.
  const [first, second] = [1, 2].map((round) => `${ROUNDING}, round ${round}`) as [string, string];
  const models = (await store.models.ofRun(run.id)).map(({ label }) => label);
  expect(models).toEqual(expect.arrayContaining(['lenet5', first, second, `${RETRAINED}, round 1`]));
  expect(models).not.toContain(`${ROUNDING}, round 3`);
  const curve = (await store.curves.ofRun(run.id, 'rounds')).filter(({ model }) => model === ROUNDING);
  const adaptive = curve.filter(({ series }) => series === 'fgs(epsilon=0.3), adaptive');
  expect(adaptive.map(({ x, y }) => [x, y])).toEqual([
    [0, error('lenet5', 'adaptive')],
    [1, error(first, 'adaptive')],
    [2, error(second, 'adaptive')],
  ]);

  // Of a gradient that is zero a naive attack makes nothing; one that passes through evades as without the defense.
  expect(error(first, 'naive')).toBe(error(first, 'clean'));
  expect(error(first, 'adaptive')).toBeGreaterThan(error(first, 'naive')! + 0.2);
  expect(error('lenet5', 'naive')).toBeUndefined();
  const findings = await store.findings.ofRun(run.id);
  expect(findings.map(({ audit, model }) => [audit, model])).toContainEqual(['step-operators', first]);
  expect(findings.map(({ model }) => model)).not.toContain(`${RETRAINED}, round 1`);

  const { tables } = await readReport(store, run);
  const transfer = tables.find(({ id }) => id === 'transfer: fgs(epsilon=0.3)')!;
  expect(transfer.columns).toEqual(transfer.rows.map(({ model }) => `against ${model}`));
  const undefended = transfer.rows.find(({ model }) => model === 'lenet5')!;
  expect(undefended.cells[0]?.value).toBe(error('lenet5', 'adaptive'));
  expect(undefended.cells.every((cell) => cell !== undefined)).toBe(true);
  const unseen = tables.find(({ id }) => id === 'unseen')!;
  expect(unseen.columns).toEqual(['none', 'farther', 'transfer']);
  expect(unseen.rows.map(({ model }) => model)).toContain(`${RETRAINED}, round 1`);
  await store.close();
});

it('makes ensembles of models that stand before them', async () => {
  const text = `
name: ensembles
dataset: mnist(classes=[4, 7], trainLimit=60, testLimit=20)
models: [lenet5, "lenet5(conv1=3)", "ensemble(of=[lenet5, lenet5(conv1=3)])"]
attacks: [fgs(epsilon=0.3)]
`;
  const { plan } = await prepare(parseExperiment(text, 'ensembles.yaml', folder), { engine: 'onnx' });
  const made = plan.steps.find(({ kind }) => kind === 'ensemble')!;
  expect(made.needs).toEqual(plan.models.slice(0, 2).map(({ step }) => step));
  expect(plan.models[2]).toMatchObject({ step: made.key });
  const backwards = text.replace('[lenet5, "', '["').replace(')"]', ')", lenet5]');
  await expect(prepare(parseExperiment(backwards, 'backwards.yaml', folder))).rejects.toThrow(
    /Received "lenet5"\. Known there: lenet5\(conv1=3\)/,
  );
});

it.each([
  ['rounds: 2', /2 rounds of a game need a defense/],
  ['rounds: 2\ndefenses: [jpeg]\nexamples: [static]', /need a defense, and attacks on what it makes\. Add "examples/],
  ['examples: [transfer]', /"transfer" replays the examples that "adaptive" makes/],
  ['defenses: ["feature-squeezing(bits=0, smoothing=none)"]', /fewer bits, a smoothing, or both/],
])('refuses %s', (fields, message) => {
  const text = `name: bad\ndataset: mnist(classes=[4, 7])\nmodels: [lenet5]\nattacks: [fgs(epsilon=0.1)]\n${fields}\n`;
  expect(() => parseExperiment(text, 'bad.yaml', folder)).toThrow(message);
});
