import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { inputRandomisation } from './input-randomisation';

describeDefense(inputRandomisation, defenseArena({ noise: 0.05 }));
