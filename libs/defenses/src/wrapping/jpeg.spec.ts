import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { jpeg } from './jpeg';

describeDefense(jpeg, defenseArena({}));
