/**
 * What makes graphs fast, each of which keeps values up to rounding. `phases` and `winograd` rewrite models; the others
 * are forms that gradients take.
 */
export const REWRITES = [
  'phases',
  'winograd',
  'pairs',
  'thirds',
  'mirrored-conv',
  'interleaved-channels',
  'scanned-recurrence',
] as const;

export type Rewrite = (typeof REWRITES)[number];
