import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { thermometer } from './thermometer';

describeDefense(thermometer, defenseArena({ levels: 8, epochs: 2 }));
