import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { inputGradientRegularisation } from './input-gradient-regularisation';

describeDefense(inputGradientRegularisation, defenseArena({ lambda: 1, epochs: 2, batchSize: 16, validation: 0.1 }));
