import { writeSync } from 'node:fs';

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

function faulty(name: string, create: (epsilon: number, calls: number) => AttackSearch) {
  return defineAttack({
    name,
    summary: 'An attack with a fault.',
    source: 'None',
    version: 1,
    params: z.object({
      epsilon: z.number().positive().default(0.1).meta({ shown: true }),
      calls: z.int().positive().default(3),
    }),
    threat: ({ epsilon }) => ({ norm: 'linf', epsilon }),
    create: ({ epsilon, calls }) => create(epsilon, calls),
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

/** Ends by itself, after many calls; once its calls are refused it goes on and on. */
const ignoresAbort = faulty('ignores-abort', (epsilon, calls) => async (problem) => {
  const everyone = Int32Array.from({ length: problem.count }, (_, i) => i);
  for (let answered = 0; answered < calls;) {
    try {
      await problem.margins(problem.originals, everyone);
      if (++answered === 50) writeSync(2, 'still asking\n');
    } catch {
      // Whatever it was.
    }
  }
  return step(problem, epsilon);
});

const readsLabels = faulty('reads-labels', (epsilon) => async (problem) => {
  const { labels } = problem as AttackProblem & { readonly labels?: Int32Array };
  return step(problem, labels?.[0] === 0 ? epsilon : epsilon / 2);
});

const neverEnds = faulty('never-ends', () => () => {
  for (;;);
});

const endsItsThread = faulty('ends-its-thread', () => () => process.exit(3));

const throwsLater = faulty('throws-later', (epsilon) => (problem) => {
  setTimeout(() => {
    throw new Error('long after the step');
  }, 100);
  return step(problem, epsilon);
});

export default definePlugin({
  name: 'faulty',
  version: '0.1.0',
  core: '^0.1.0',
  components: [
    ...[throwsAtThirdBatch, returnsNan, overBudget, leavesBox, ignoresAbort, readsLabels, neverEnds],
    ...[endsItsThread, throwsLater],
  ],
});
