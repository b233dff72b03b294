import { PUBLICATION_BOX, Rng } from '@rampart/core';
import { describeModel } from '@rampart/testing';

import { openClassifier } from '../classifier/open-classifier';
import { createModel } from '../layers-model';
import { lenet5 } from './lenet5';

const options = {
  shape: { channels: 3, height: 18, width: 16 },
  classes: 4,
  box: PUBLICATION_BOX,
  rng: Rng.root('lenet5'),
};

// In a network that is not trained yet the kinks of Relu lie close together: finite differences cross some of them.
describeModel(lenet5.name, async () => openClassifier(await createModel(lenet5.name, options)), { tolerance: 0.25 });
