import { int64Vector } from '../tensor';
import { always, type Upgrades } from './upgrade';

/** The operator of scikit-learn's exporter that picks columns, as Gather. */
export const featureExtractorUpgrades: Upgrades = {
  'ai.onnx.ml.ArrayFeatureExtractor': always((node, { builder, rank }) => {
    const [x = '', columns = ''] = node.inputs;
    // A row alone becomes a table of one row.
    if (rank(x) === 1) {
      builder.append(node);
      return;
    }
    const flat = builder.node('Reshape', [columns, builder.constant(int64Vector([-1]), 'shape')]);
    builder.node('Gather', [x, flat], { axis: -1 }, { outputs: node.outputs });
  }),
};
