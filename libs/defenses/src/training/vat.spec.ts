import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { vat } from './vat';

describeDefense(vat, defenseArena({ epsilon: 0.5, labelled: 60, epochs: 2, batchSize: 16, validation: 0.1 }));
