/**
 * An attack's label without what the threat says already: `pgd(norm=l2, epsilon=1, steps=10)` under `l2(1)` is
 * `pgd(steps=10)`.
 */
export function withinThreat(label: string, norm: string): string {
  const [, name, inner] = /^([^(]+)\((.*)\)$/.exec(label) ?? [];
  if (name === undefined || inner === undefined) return label;
  // A comma inside of brackets parts nothing.
  const params = inner.split(/, (?![^([]*[)\]])/);
  const left = params.filter((param) => param !== `norm=${norm}` && !param.startsWith('epsilon='));
  return left.length === 0 ? name : `${name}(${left.join(', ')})`;
}
