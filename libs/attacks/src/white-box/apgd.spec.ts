import { describeAttack } from '@rampart/testing';

import { apgd } from './apgd';

describeAttack(apgd, { params: { norm: 'linf', epsilon: 0.1 }, random: true });
describeAttack(apgd, { params: { norm: 'l2', epsilon: 0.5 }, random: true });
describeAttack(apgd, { params: { norm: 'l1', epsilon: 1.5 }, random: true });
