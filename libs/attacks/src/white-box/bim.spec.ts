import { describeAttack } from '@rampart/testing';

import { bim } from './bim';

describeAttack(bim, { params: { norm: 'linf', epsilon: 0.1 } });
