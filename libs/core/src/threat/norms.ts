import { l0 } from './l0';
import { l1 } from './l1';
import { l2 } from './l2';
import { linf } from './linf';
import type { Norm, NormName } from './norm';

/** Every norm by its name. */
export const NORMS: Readonly<Record<NormName, Norm>> = { l0, l1, l2, linf };
