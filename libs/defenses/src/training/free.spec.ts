import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { free } from './free';

describeDefense(free, defenseArena({ epsilon: 0.1, replays: 3, epochs: 2, batchSize: 16, validation: 0.1 }));
