import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { jacobianRegularisation } from './jacobian-regularisation';

describeDefense(jacobianRegularisation, defenseArena({ lambda: 0.1, epochs: 2, batchSize: 16, validation: 0.1 }));
