import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { tradesL2 } from './trades-l2';

describeDefense(tradesL2, defenseArena({ epsilon: 0.5, steps: 3, epochs: 2, batchSize: 16, validation: 0.1 }));
