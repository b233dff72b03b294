import type { AttackProblem } from './attack';

/**
 * The problem with what its contract names and nothing else, whatever the object behind it holds: a search cannot
 * read labels or weights out of it.
 * @param onStray told the name of everything else that a search reaches for, before it gets undefined; may throw
 */
export function withinContract(problem: AttackProblem, onStray: (property: string) => void): AttackProblem {
  const { count, features, shape, box, classes, targeted, threat, window, originals, signal } = problem;
  const visible: AttackProblem = {
    ...{ count, features, shape, box, classes, targeted, threat, window, originals, signal },
    bounds: (instance) => problem.bounds(instance),
    margins: (candidates, instances) => problem.margins(candidates, instances),
    logits: (candidates, instances) => problem.logits(candidates, instances),
    gradient: (candidates, instances, loss, options) => problem.gradient(candidates, instances, loss, options),
    inner: (candidates, instances, layer) => problem.inner(candidates, instances, layer),
    innerGradient: (candidates, instances, guides, layer) =>
      problem.innerGradient(candidates, instances, guides, layer),
    rivals: (instance, logits, offset) => problem.rivals(instance, logits, offset),
    best: (instance) => problem.best(instance),
    decided: (instance) => problem.decided(instance),
    stage: (instance, name) => problem.stage(instance, name),
    rng: (instance) => problem.rng(instance),
    progress: (done) => problem.progress(done),
  };
  return new Proxy(visible, {
    get(target, property, receiver) {
      // A promise resolved with an object asks it for `then`.
      if (typeof property === 'string' && property !== 'then' && !Object.hasOwn(target, property)) onStray(property);
      return Reflect.get(target, property, receiver) as unknown;
    },
  });
}
