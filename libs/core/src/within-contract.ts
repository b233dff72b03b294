import type { AttackProblem } from './attack';

/**
 * The problem with what its contract names and nothing else, whatever the object behind it holds: a search cannot
 * read labels or weights out of it.
 * @param onStray told the name of everything else that a search reaches for, before it gets undefined; may throw
 */
export function withinContract(problem: AttackProblem, onStray: (property: string) => void): AttackProblem {
  const { count, features, shape, box, originals, signal } = problem;
  const visible: AttackProblem = {
    ...{ count, features, shape, box, originals, signal },
    margins: (candidates, instances) => problem.margins(candidates, instances),
    gradient: (candidates, instances, loss) => problem.gradient(candidates, instances, loss),
    rng: (instance) => problem.rng(instance),
  };
  return new Proxy(visible, {
    get(target, property, receiver) {
      // A promise resolved with an object asks it for `then`.
      if (typeof property === 'string' && property !== 'then' && !Object.hasOwn(target, property)) onStray(property);
      return Reflect.get(target, property, receiver) as unknown;
    },
  });
}
