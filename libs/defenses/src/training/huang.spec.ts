import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { huang } from './huang';

describeDefense(huang, defenseArena({ epsilon: 0.5, epochs: 2, batchSize: 16, validation: 0.1 }));
