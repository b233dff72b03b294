import { type AttackProblem, type AttackSearch, defineAttack, definePlugin, type SearchResult } from '@rampart/core';
import { z } from 'zod';

/** A sound step of epsilon against the sign of the gradient, to plant faults in. */
async function step(problem: AttackProblem, epsilon: number): Promise<SearchResult> {
  const { count, originals, box } = problem;
  const { gradient } = await problem.gradient(
    originals,
    Int32Array.from({ length: count }, (_, i) => i),
    'margin',
  );
  const candidates = originals.map((value, k) =>
    Math.min(box.max, Math.max(box.min, value - epsilon * Math.sign(gradient[k]!))),
  );
  return { candidates, iterations: new Int32Array(count).fill(1) };
}

function faulty(name: string, create: (epsilon: number) => AttackSearch) {
  return defineAttack({
    name,
    summary: 'An attack with a fault.',
    source: 'None',
    version: 1,
    params: z.object({ epsilon: z.number().positive().default(0.1).meta({ shown: true }) }),
    threat: ({ epsilon }) => ({ norm: 'linf', epsilon }),
    create: ({ epsilon }) => create(epsilon),
  });
}

let batches = 0;

const throwsAtThirdBatch = faulty('throws-at-third-batch', (epsilon) => async (problem) => {
  if (++batches === 3) throw new Error('the third batch');
  return step(problem, epsilon);
});

const returnsNan = faulty('returns-nan', (epsilon) => async (problem) => {
  const { candidates, iterations } = await step(problem, epsilon);
  candidates[5] = Number.NaN;
  return { candidates, iterations };
});

const overBudget = faulty('over-budget', (epsilon) => (problem) => step(problem, 2 * epsilon));

const leavesBox = faulty('leaves-box', (epsilon) => async (problem) => {
  const { candidates, iterations } = await step(problem, epsilon);
  return { candidates: candidates.map((value) => value - epsilon), iterations };
});

const ignoresAbort = faulty('ignores-abort', (epsilon) => async (problem) => {
  for (let asked = 0; asked < 40; asked++) {
    try {
      await problem.margins(
        problem.originals,
        Int32Array.from({ length: problem.count }, (_, i) => i),
      );
    } catch {
      // On and on.
    }
  }
  return step(
    { ...problem, gradient: async (...args) => problem.gradient(...args).catch(() => nothing(problem)) },
    epsilon,
  );
});

function nothing({ count, features }: AttackProblem) {
  return {
    losses: new Float32Array(count),
    margins: new Float32Array(count),
    gradient: new Float32Array(count * features),
  };
}

const readsLabels = faulty('reads-labels', (epsilon) => async (problem) => {
  const { labels } = problem as AttackProblem & { readonly labels?: Int32Array };
  return step(problem, labels?.[0] === 0 ? epsilon : epsilon / 2);
});

const neverEnds = faulty('never-ends', () => () => {
  for (;;);
});

export default definePlugin({
  name: 'faulty',
  version: '0.1.0',
  core: '^0.1.0',
  components: [throwsAtThirdBatch, returnsNan, overBudget, leavesBox, ignoresAbort, readsLabels, neverEnds],
});
