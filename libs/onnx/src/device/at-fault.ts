/** Nodes that are looked for at most: with more of them on the CPU, all of the model may as well run there. */
const MOST = 8;

/**
 * Finds the nodes that a device computes wrongly, by bisection: of the nodes in their order, the shortest beginning that
 * must run on the CPU for the answers to agree ends with one at fault. That one stays on the CPU, and the search goes on
 * before it.
 * @param nodes names, in topological order
 * @param agrees whether the answers agree when the named nodes run on the CPU
 * @returns undefined where no such nodes are found: even with all on the CPU the answers differ, or they are many
 */
export async function nodesAtFault(
  nodes: readonly string[],
  agrees: (onCpu: readonly string[]) => Promise<boolean>,
): Promise<readonly string[] | undefined> {
  const found: string[] = [];
  // With this many nodes from the beginning, and those found, the answers agree.
  let end = nodes.length;
  if (!(await agrees(nodes))) return undefined;
  while (!(await agrees(found))) {
    if (found.length === MOST) return undefined;
    let wrong = 0;
    while (end - wrong > 1) {
      const middle = (wrong + end) >> 1;
      if (await agrees([...nodes.slice(0, middle), ...found])) end = middle;
      else wrong = middle;
    }
    found.unshift(nodes[end - 1]!);
    end--;
  }
  return found;
}
