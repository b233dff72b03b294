import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { REJECTED } from '@rampart/core';
import { readReport } from '@rampart/reports';
import { openStore, outcomeOf } from '@rampart/results';

import { runHere } from './run-here.kit';

// A busy machine is slow, not wrong.
jest.setTimeout(300_000);

const MASKING = 'distillation(temperature=100, epochs=12)';
const REJECTING = 'magnet(falsePositives=0.1, validation=0.3, epochs=15)';
const TEXT = `
name: masking
dataset: mnist(classes=[4, 7], trainLimit=300, testLimit=60)
models: [lenet5]
training: { epochs: 2 }
attacks: ["pgd(epsilon=0.3, loss=ce, steps=20)"]
defenses: ["${MASKING}", "${REJECTING}"]
examples: [adaptive]
threats: ["linf(0.3)"]
audits: [saturated-loss]
remedyBudget: 200
`;

const folder = mkdtempSync(join(tmpdir(), 'rampart-masking-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('catches a defense that masks gradients, and attacks one that rejects so as not to be rejected', async () => {
  const store = await openStore(join(folder, 'store'), { create: true });
  const { run } = await runHere(store, TEXT, folder);
  expect(run.state).toBe('done');
  const cells = await store.cells.ofRun(run.id);
  const figure = (model: string, mode: string, metric: string) =>
    cells.find((cell) => cell.model === model && cell.mode === mode && cell.metric === metric)?.value;

  // Logits a hundred times as large leave the cross-entropy no gradient; the margin, in its place, breaks every instance.
  expect(figure('lenet5', 'adaptive', 'success-rate')).toBe(1);
  expect(figure(MASKING, 'adaptive', 'success-rate')).toBeLessThan(0.3);
  const findings = await store.findings.ofRun(run.id);
  expect(findings.map(({ audit, model }) => [audit, model])).toEqual([['saturated-loss', MASKING]]);
  const withstood = (await store.robustness.ofRun(run.id)).find(({ model }) => model === MASKING)!;
  expect(withstood.cleanAccuracy).toBeGreaterThan(0.8);
  expect(withstood.robustAccuracy).toBeLessThan(0.6);

  // An attack that takes no heed of the detectors is rejected; one that knows of them is not.
  expect(figure(REJECTING, 'naive', 'success-rate')).toBeLessThan(0.3);
  expect(figure(REJECTING, 'naive', 'rejection-rate')).toBeGreaterThan(0.4);
  expect(figure(REJECTING, 'adaptive', 'success-rate')).toBeGreaterThan(0.6);
  expect(figure(REJECTING, 'adaptive', 'rejection-rate')).toBeLessThan(0.4);
  for (const mode of ['clean', 'naive', 'adaptive']) {
    const part = figure(REJECTING, mode, 'error-rate')! + figure(REJECTING, mode, 'rejection-rate')!;
    expect(part).toBeLessThanOrEqual(1);
    expect(figure('lenet5', mode, 'rejection-rate')).toBeUndefined();
  }
  const { tables } = await readReport(store, run);
  const table = tables.find(({ id }) => id === 'rejection')!;
  expect(table.rows.map(({ model }) => model)).toEqual([REJECTING]);

  // A rejected example is shown as one, and its attack has not succeeded.
  const { evaluateStep } = cells.find((cell) => cell.model === REJECTING && cell.mode === 'naive')!;
  const instances = await store.instances.ofStep(evaluateStep);
  const rejected = instances.filter(({ predictionAfter }) => predictionAfter === REJECTED);
  expect(rejected.length).toBeGreaterThan(0);
  expect(rejected.map(outcomeOf)).not.toContain('evaded');
  await store.close();
});
