import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { goodfellow } from './goodfellow';

describeDefense(goodfellow, defenseArena({ epsilon: 0.1, epochs: 2, batchSize: 16, validation: 0.1 }));
