import type { Tree } from '@nx/devkit';

import { pageText } from '../page';
import { type ComponentOptions, writeComponent } from './component';

/** A new architecture in libs/models. */
export default function architecture(tree: Tree, options: ComponentOptions) {
  return writeComponent(tree, 'architecture', options, ({ name, camel }) => ({
    source: `
import type * as tf from '@tensorflow/tfjs-layers';
import { z } from 'zod';

import { RampartError } from '@rampart/core';

import { type BuildContext, defineArchitecture } from '../architecture';

/** Say what it is, and by which paper and section. */
export const ${camel} = defineArchitecture({
  name: '${name}',
  summary: 'One sentence for rampart list.',
  source: 'Authors, year, "title", section',
  version: 1,
  params: z.object({}),
  build: (_params, context) => layers(context),
});

/** From [height, width, channels] to a layer named "logits" of context.classes units; seeds are seedOf(rng, layer). */
function layers({ classes }: BuildContext): tf.LayersModel {
  throw new RampartError({
    code: 'contract',
    message: \`Architecture "${name}" has no layers yet: received \${classes} classes. Write layers in libs/models/src/architectures/${name}.ts.\`,
  });
}
`,
    spec: `
import { PUBLICATION_BOX, Rng } from '@rampart/core';
import { describeModel } from '@rampart/testing';

import { openClassifier } from '../classifier/open-classifier';
import { createModel } from '../layers-model';
import { ${camel} } from './${name}';

const options = {
  shape: { channels: 3, height: 18, width: 16 },
  classes: 4,
  box: PUBLICATION_BOX,
  rng: Rng.root('${name}'),
};

// In a network that is not trained yet the kinks of Relu lie close together: finite differences cross some of them.
describeModel(${camel}.name, async () => openClassifier(await createModel(${camel}.name, options)), { tolerance: 0.25 });
`,
    page: pageText(name, 'The layers in order, and what the parameters change about them.'),
    next: `fill in layers in libs/models/src/architectures/${name}.ts.`,
  }));
}
