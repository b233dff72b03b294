import { decodeLossPaths, encodeLossPaths, joinLossPaths, takeLossPaths } from './loss-paths';
import { LossTrace } from './loss-trace';

/** The trace of searches whose evaluations gave these margins, each ended by the last of them. */
function traced(...searches: readonly (readonly number[])[]): LossTrace {
  const trace = new LossTrace(searches.length);
  searches.forEach((margins, instance) => {
    for (const margin of margins) trace.note([instance], Float32Array.of(margin), 0);
    trace.end(instance, Math.min(...margins));
  });
  return trace;
}

describe('the paths of losses', () => {
  it('have the mean that the curve has', () => {
    const trace = traced([4, 1, 2], [2], [8, 6, 5, 3, 1]);
    const { evaluations, losses } = trace.paths();
    const means = evaluations.map((_, point) => [0, 1, 2].reduce((sum, row) => sum + losses[row * 6 + point]!, 0) / 3);
    expect(evaluations.map((place, point) => [place, means[point]])).toEqual(trace.curve());
    expect([...losses.subarray(0, 6)]).toEqual([4, 1, 1, 1, 1, 1]);
  });

  it('are those of all instances together where parts are joined', () => {
    const parts = [traced([4, 1]).paths(), traced([8, 6, 5, 3], [3]).paths()];
    expect(joinLossPaths(parts)).toEqual(traced([4, 1], [8, 6, 5, 3], [3]).paths());
  });

  it('can be picked, and come back from a file', () => {
    const picked = takeLossPaths(traced([4, 1], [3, 2], [5, 0]).paths(), [2, 0]);
    expect([...picked.losses]).toEqual([5, 0, 0, 4, 1, 1]);
    expect(decodeLossPaths(encodeLossPaths(picked))).toEqual(picked);
  });

  it('are of no instance where nothing was attacked', () => {
    const none = new LossTrace(0).paths();
    expect(decodeLossPaths(encodeLossPaths(none)).losses).toHaveLength(0);
  });
});
