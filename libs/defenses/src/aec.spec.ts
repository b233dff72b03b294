import { describeDefense } from '@rampart/testing';

import { defenseArena } from './defense-arena.kit';
import { aec } from './aec';

describeDefense(aec, defenseArena({ attack: 'fgs(epsilon=0.4)', epochs: 30, batchSize: 16 }));
