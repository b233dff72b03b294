import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openStore, type RobustnessRecord, type RunEvent, type RunRecord, type Store } from '@rampart/results';

import type { Prepared } from '../prepare';
import { runHere } from '../run-here.kit';
import type { AttackStep, RobustnessStep } from '../step';
import { keptOf } from './baseline';
import { GateTally } from './gate-tally';
import { openGate } from './open-gate';

const TEXT = `
name: tiny
dataset: mnist(classes=[4, 7], trainLimit=300, testLimit=60)
models: [lenet5]
training: { epochs: 1 }
threats: [linf(0.1), linf(0.2), l2(1)]
attacks: [fgs(epsilon=0.2), pgd(steps=5), ddn(steps=20)]
examples: [adaptive]
audits: []
`;

describe('a gate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-gate-'));
  let store: Store;
  let prepared: Prepared;
  let run: RunRecord;
  let events: RunEvent[];
  let records: readonly RobustnessRecord[];

  beforeAll(async () => {
    store = await openStore(folder, { create: true });
    events = [];
    ({ prepared, run } = await runHere(store, TEXT, folder, {
      // Parts of ten: several of each attack.
      instancesPerStep: () => 10,
      onEvent: (event) => events.push(event),
    }));
    records = await store.robustness.ofRun(run.id);
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const robustness = () => prepared.plan.steps.find((step): step is RobustnessStep => step.kind === 'robustness')!;
  const attacks = () => prepared.plan.steps.filter((step): step is AttackStep => step.kind === 'attack');
  const robustOf = ({ robustAccuracy, instances }: RobustnessRecord) => Math.round(robustAccuracy * instances);

  it.each([
    ['in their order', (steps: AttackStep[]) => steps],
    ['the other way round', (steps: AttackStep[]) => steps.reverse()],
  ])('counts what robust accuracy counts, and never less than may still come: parts %s', async (_, ordered) => {
    expect(attacks().length).toBeGreaterThan(6);
    const tally = new GateTally(robustness(), prepared.dataset);
    const check = () => {
      for (const [place, record] of records.entries()) {
        const { robustAtLeast, robustAtMost, instances } = tally.of(place);
        expect(instances).toBe(record.instances);
        expect(robustAtLeast).toBeLessThanOrEqual(robustOf(record));
        expect(robustAtMost).toBeGreaterThanOrEqual(robustOf(record));
      }
    };
    check();
    await tally.clean((await store.steps.find(robustness().clean))!, store.artifacts);
    check();
    for (const step of ordered(attacks())) {
      await tally.attack(step, (await store.steps.find(step.key))!, store.artifacts);
      check();
    }
    for (const [place, record] of records.entries()) {
      expect(tally.of(place)).toMatchObject({ robustAtLeast: robustOf(record), robustAtMost: robustOf(record) });
      expect(tally.standing(place)).toEqual(keptOf(record));
    }
    // The threats differ, or they would say nothing about each other.
    expect(new Set(records.map(robustOf)).size).toBe(3);
  });

  it('ends at the same place whatever order steps end in', async () => {
    const ends = [];
    for (const order of [events, events.toReversed()]) {
      const gate = await openGate({ prepared, store, atLeast: 0.97, signal: new AbortController().signal });
      for (const event of order) gate.onEvent(event);
      ends.push(await gate.result(run));
      expect(gate.signal.aborted).toBe(true);
    }
    expect(ends[1]).toEqual(ends[0]);
    const { verdict, early, figures } = ends[0]!;
    expect([verdict, early]).toEqual(['fail', true]);
    figures.forEach(({ robustAtMost }, place) => expect(robustAtMost).toBeGreaterThan(robustOf(records[place]!)));
  });

  it('puts the model and the clean images first, then the first instances under every attack', async () => {
    const gate = await openGate({ prepared, store, atLeast: 0.5, signal: new AbortController().signal });
    const order = prepared.plan.steps.toSorted((a, b) => gate.priority(a) - gate.priority(b));
    expect(order.slice(0, 2).map(({ kind }) => kind)).toEqual(['train', 'evaluate']);
    const ends = order.flatMap((step) => (step.kind === 'attack' ? [step.end] : []));
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    expect(order.findLastIndex(({ kind }) => kind === 'attack')).toBe(1 + ends.length);
  });

  it('hands on that somebody stops the run', async () => {
    const controller = new AbortController();
    const gate = await openGate({ prepared, store, atLeast: 0.5, signal: controller.signal });
    controller.abort();
    expect(gate.signal.aborted).toBe(true);
    expect(await gate.result({ ...run, state: 'cancelled' })).toBeUndefined();
  });
});
