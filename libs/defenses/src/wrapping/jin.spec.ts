import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { jin } from './jin';

describeDefense(jin, defenseArena({ sigma: 0.1, epochs: 2 }, 'Relu'));
