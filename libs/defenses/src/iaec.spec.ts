import { describeDefense } from '@rampart/testing';

import { defenseArena } from './defense-arena.kit';
import { iaec } from './iaec';

describeDefense(iaec, defenseArena({ attack: 'fgs(epsilon=0.4)', epochs: 30, batchSize: 16 }));
