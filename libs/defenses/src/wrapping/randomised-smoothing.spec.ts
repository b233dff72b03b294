import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { randomisedSmoothing } from './randomised-smoothing';

describeDefense(randomisedSmoothing, defenseArena({ sigma: 0.1, copies: 8, epochs: 1 }));
