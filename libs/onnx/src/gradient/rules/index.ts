// Made from the files of this folder by `npx nx g @rampart/workspace:registries`; not edited by hand.
import type { GradientRule } from '../rule';
import { activationRules } from './activation';
import { affineGridRules } from './affine-grid';
import { arrangementRules } from './arrangement';
import { attentionRules } from './attention';
import { convRules } from './conv';
import { determinantRules } from './determinant';
import { einsumRules } from './einsum';
import { elementwiseRules } from './elementwise';
import { fourierRules } from './fourier';
import { gemmRules } from './gemm';
import { gridSampleRules } from './grid-sample';
import { indexingRules } from './indexing';
import { matmulRules } from './matmul';
import { normalizationRules } from './normalization';
import { padRules } from './pad';
import { poolRules } from './pool';
import { quantizationRules } from './quantization';
import { recurrentRules } from './recurrent';
import { reduceRules } from './reduce';
import { resizeRules } from './resize';
import { roiAlignRules } from './roi-align';
import { scatterRules } from './scatter';
import { shapeRules } from './shape';
import { softmaxRules } from './softmax';

/** Rules by operator, of ONNX's own domain. */
export const RULES: Readonly<Record<string, GradientRule>> = {
  ...activationRules,
  ...affineGridRules,
  ...arrangementRules,
  ...attentionRules,
  ...convRules,
  ...determinantRules,
  ...einsumRules,
  ...elementwiseRules,
  ...fourierRules,
  ...gemmRules,
  ...gridSampleRules,
  ...indexingRules,
  ...matmulRules,
  ...normalizationRules,
  ...padRules,
  ...poolRules,
  ...quantizationRules,
  ...recurrentRules,
  ...reduceRules,
  ...resizeRules,
  ...roiAlignRules,
  ...scatterRules,
  ...shapeRules,
  ...softmaxRules,
};
