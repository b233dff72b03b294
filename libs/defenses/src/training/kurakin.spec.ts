import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { kurakin } from './kurakin';

describeDefense(kurakin, defenseArena({ epsilon: 0.1, epochs: 2, batchSize: 16, validation: 0.1 }));
