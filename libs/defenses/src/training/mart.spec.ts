import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { mart } from './mart';

describeDefense(mart, defenseArena({ epsilon: 0.1, steps: 3, epochs: 2, batchSize: 16, validation: 0.1 }));
