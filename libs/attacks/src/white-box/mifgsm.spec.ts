import { describeAttack } from '@rampart/testing';

import { mifgsm } from './mifgsm';

describeAttack(mifgsm, { params: { norm: 'linf', epsilon: 0.1 } });
describeAttack(mifgsm, { params: { norm: 'l2', epsilon: 0.5 } });
