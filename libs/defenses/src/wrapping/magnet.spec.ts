import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { magnet } from './magnet';

describeDefense(magnet, defenseArena({ epochs: 20, batchSize: 16, validation: 0.2, learningRate: 0.01 }));
