/** By what a constant grows as long as it gives no example. */
const GROWTH = 10;

/**
 * Looks for the least weight of the margin beside the distance that still gives an example: ten times as much until it
 * does, then by bisection (Carlini and Wagner 2017, section V-A).
 * @param attempt whether a constant gives an example
 */
export async function searchConstant(
  first: number,
  searches: number,
  attempt: (constant: number) => Promise<boolean>,
): Promise<void> {
  let constant = first;
  let low = 0;
  let high = Infinity;
  for (let search = 0; search < searches; search++) {
    if (await attempt(constant)) high = constant;
    else low = constant;
    constant = high < Infinity ? (low + high) / 2 : GROWTH * constant;
  }
}
