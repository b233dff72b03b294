import { describeDefense } from '@rampart/testing';

import { defenseArena } from './defense-arena.kit';
import { rad } from './rad';

describeDefense(rad, defenseArena({ attack: 'fgs(epsilon=0.4)', epochs: 2 }));
