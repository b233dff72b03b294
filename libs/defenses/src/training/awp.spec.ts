import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { awp } from './awp';

describeDefense(
  awp,
  defenseArena({ objective: 'trades', epsilon: 0.1, steps: 3, epochs: 2, batchSize: 16, validation: 0.1 }),
);
