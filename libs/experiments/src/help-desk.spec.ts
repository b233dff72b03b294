import { setTimeout } from 'node:timers/promises';

import { type Board, help } from '@rampart/core';

import { type HelpCall, HelpDesk, type Visit } from './help-desk';

const BOARD = () => new Int32Array(new SharedArrayBuffer(24)) as Board;
const call = (kind: string, helpers: number): HelpCall => ({ job: { kind, data: undefined, helpers }, board: BOARD() });

/** A desk whose helpers go when they are called away or their board is closed, or fail when they are told to. */
function openDesk(threads: number) {
  const sent: string[] = [];
  const fail = new Map<string, () => void>();
  const desk = new HelpDesk(threads, async ({ job, board }) => {
    sent.push(job.kind);
    const failed = new Promise<never>((_, reject) => fail.set(job.kind, () => reject(new Error('failed'))));
    // `help` without pieces: asked again and again whether it may go.
    const gone = (async () => {
      for (let open = true; open;) {
        await setTimeout(2);
        open = await help(board, () => Promise.reject(new Error('open'))).then(
          () => false,
          () => true,
        );
      }
      sent.splice(sent.indexOf(job.kind), 1);
    })();
    await Promise.race([gone, failed]);
  });
  const enter = () => {
    const visit = desk.enter();
    visits.push(visit);
    return visit;
  };
  return { desk: { enter }, sent, fail: (kind: string) => fail.get(kind)!() };
}

const visits: Visit[] = [];
afterEach(() => visits.splice(0).forEach((visit) => visit.leave()));

/** Waits for something that takes a moment. */
async function eventually(check: () => void): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return check();
    } catch (error) {
      if (tries === 500) throw error;
      await setTimeout(10);
    }
  }
}

it('sends threads without a step to those that have work, as many as find a piece', async () => {
  const { desk, sent } = openDesk(4);
  desk.enter().call(call('a', 2));
  await eventually(() => expect(sent).toEqual(['a', 'a']));
  desk.enter().call(call('b', 3));
  // Two steps and two helpers are four threads.
  await setTimeout(100);
  expect(sent).toEqual(['a', 'a']);
});

it('calls helpers back for steps, and sends them again after', async () => {
  const { desk, sent } = openDesk(2);
  desk.enter().call(call('long', 3));
  await eventually(() => expect(sent).toEqual(['long']));
  const other = desk.enter();
  await eventually(() => expect(sent).toEqual([]));
  other.leave();
  await eventually(() => expect(sent).toEqual(['long']));
});

it('closes the work of a step that is over', async () => {
  const { desk, sent } = openDesk(2);
  const visit = desk.enter();
  visit.call(call('first', 1));
  await eventually(() => expect(sent).toEqual(['first']));
  visit.leave();
  await eventually(() => expect(sent).toEqual([]));
  expect(visit.lostHelper).toBe(false);
});

it('sends nobody after a helper that failed, and says that one did', async () => {
  const { desk, sent, fail } = openDesk(3);
  const visit = desk.enter();
  visit.call(call('bad', 1));
  await eventually(() => expect(sent).toEqual(['bad']));
  fail('bad');
  await eventually(() => expect(visit.lostHelper).toBe(true));
  visit.call(call('good', 1));
  await eventually(() => expect(sent).toContain('good'));
  expect(sent.filter((kind) => kind === 'bad')).toHaveLength(1);
});
