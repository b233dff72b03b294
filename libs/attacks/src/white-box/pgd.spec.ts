import { describeAttack } from '@rampart/testing';

import { pgd } from './pgd';

describeAttack(pgd, { params: { epsilon: 0.1 }, random: true });
describeAttack(pgd, { params: { norm: 'l2', epsilon: 0.5 }, random: true });
describeAttack(pgd, { params: { norm: 'l1', epsilon: 1.5 }, random: true });
