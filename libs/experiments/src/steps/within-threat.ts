/** What rounding of features to float32 makes of a distance: an example this much farther away still counts. */
const ROUNDING = 1e-6;

/** Whether an example at a distance is within a ball, but for rounding. */
export function isWithin(distance: number, epsilon: number): boolean {
  return distance <= epsilon + ROUNDING;
}
