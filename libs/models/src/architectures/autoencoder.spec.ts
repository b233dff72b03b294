import { PUBLICATION_BOX, Rng } from '@rampart/core';
import { describeModel } from '@rampart/testing';

import { openClassifier } from '../classifier/open-classifier';
import { createModel } from '../layers-model';
import { stack } from '../stack';
import { autoencoder } from './autoencoder';

const options = {
  shape: { channels: 3, height: 18, width: 16 },
  classes: 4,
  box: PUBLICATION_BOX,
  rng: Rng.root('autoencoder'),
};

// In a network that is not trained yet the kinks of Relu lie close together: finite differences cross some of them.
describeModel(
  autoencoder.name,
  async () =>
    openClassifier(await stack(await createModel(autoencoder.name, options), await createModel('lenet5', options))),
  { tolerance: 0.25 },
);
