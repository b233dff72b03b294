import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { featureSqueezing } from './feature-squeezing';

describeDefense(featureSqueezing, defenseArena({ bits: 3 }));
