import fc from 'fast-check';

import { LossTrace, meanLoss } from './loss-trace';

/** Notes the margins of each instance, one evaluation after the other. */
function traced(searches: readonly { readonly margins: readonly number[]; readonly result: number }[]) {
  const trace = new LossTrace(searches.length);
  searches.forEach(({ margins, result }, instance) => {
    for (const margin of margins) trace.note([instance], Float32Array.of(margin), 0);
    trace.end(instance, result);
  });
  return trace.curve();
}

// Numbers that float32 holds exactly, so that sums are exact too.
const margin = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 8);
const search = fc.record({ margins: fc.array(margin, { maxLength: 80 }), result: margin });

describe('the trace of a loss', () => {
  it('counts an instance with its lowest margin so far, and with its result from its end on', () => {
    const curve = traced([
      { margins: [4, 1, 2], result: 1 },
      { margins: [2], result: -2 },
    ]);
    expect(curve).toEqual([
      [0, 3],
      [1, (1 - 2) / 2],
      [2, (1 - 2) / 2],
      [3, (1 - 2) / 2],
    ]);
  });

  it('begins at the mean first margin and ends at the mean result', () => {
    fc.assert(
      fc.property(fc.array(search, { minLength: 1, maxLength: 6 }), (searches) => {
        const curve = traced(searches);
        const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
        expect(curve[0]).toEqual([0, mean(searches.map(({ margins, result }) => margins[0] ?? result))]);
        expect(curve.at(-1)![1]).toBe(mean(searches.map(({ result }) => result)));
      }),
      { seed: 5 },
    );
  });

  it('does not depend on which instances share an evaluation', () => {
    fc.assert(
      fc.property(fc.array(search, { minLength: 1, maxLength: 6 }), (searches) => {
        const together = new LossTrace(searches.length);
        const longest = Math.max(...searches.map(({ margins }) => margins.length));
        for (let turn = 0; turn < longest; turn++) {
          const active = searches.flatMap(({ margins }, instance) => (turn < margins.length ? [instance] : []));
          together.note(
            active,
            Float32Array.from(active, (instance) => searches[instance]!.margins[turn]!),
            0,
          );
        }
        searches.forEach(({ result }, instance) => together.end(instance, result));
        expect(together.curve()).toEqual(traced(searches));
      }),
      { seed: 5 },
    );
  });

  it('is of one size however long a search takes', () => {
    const trace = new LossTrace(1);
    for (let turn = 0; turn < 1_500_000; turn++) trace.note([0], Float32Array.of(1), 0);
    trace.end(0, 1);
    expect(trace.curve()).toHaveLength(64);
  });

  it('says nothing where margins are no numbers', () => {
    expect(traced([{ margins: [NaN], result: 1 }])).toEqual([]);
  });
});

describe('the mean of several traces', () => {
  it('is the trace of all instances together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(search, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        (sets) => {
          const mean = meanLoss(sets.map((searches) => ({ instances: searches.length, curve: traced(searches) })));
          const whole = traced(sets.flat());
          expect(mean.map(([evaluations]) => evaluations)).toEqual(whole.map(([evaluations]) => evaluations));
          mean.forEach(([, loss], index) => expect(loss).toBeCloseTo(whole[index]![1], 9));
        },
      ),
      { seed: 5 },
    );
  });
});
