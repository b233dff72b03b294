import { PUBLICATION_BOX, Rng } from '@rampart/core';
import { describeModel } from '@rampart/testing';

import { openClassifier } from '../classifier/open-classifier';
import { createModel } from '../layers-model';
import { stacked } from './stacked';

const options = {
  shape: { channels: 3, height: 18, width: 16 },
  classes: 4,
  box: PUBLICATION_BOX,
  rng: Rng.root('stacked'),
};

// In a network that is not trained yet the kinks of Relu lie close together: finite differences cross some of them.
describeModel(stacked.name, async () => openClassifier(await createModel(stacked.name, options)), { tolerance: 0.25 });
