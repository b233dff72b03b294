import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { stabilityTraining } from './stability-training';

describeDefense(stabilityTraining, defenseArena({ deviation: 0.1, epochs: 2, batchSize: 16, validation: 0.1 }));
