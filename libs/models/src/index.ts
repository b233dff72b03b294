export {
  type Architecture,
  type ArchitectureDefinition,
  type BuildContext,
  defineArchitecture,
  seedOf,
} from './architecture';
export { architectures } from './architectures';
export {
  createModel,
  type CreateModelOptions,
  exportLayersModel,
  type ReadLayersModel,
  toLayersModel,
} from './layers-model';
export { type ModelCard, readCard, writeCard } from './model-card';
export {
  type ClassifierOptions,
  type DifferentiableOnnxClassifier,
  type OnnxClassifier,
  openClassifier,
  openVerifier,
} from './classifier/open-classifier';
export { type OnDevice, openOnDevice } from './classifier/on-device';
export { type OutputKind } from './classifier/head';
export { type PreparedModel, prepareModel, type PrepareOptions } from './classifier/prepare';
export { type FeatureUnits, formatPreprocess, parsePreprocess, type Preprocess } from './classifier/preprocess';
export { columnNames } from './classifier/column-names';
export { knownPreprocess, type KnownPreprocess } from './classifier/known-preprocess';
export { preprocessed, usualPreprocess } from './classifier/usual-preprocess';
export { adoptModel, adoptPrepared, restoreModel, type RestoreOptions } from './adopt';
export { stack } from './stack';
export { compose, renameValues, valueNames } from './graph/compose';
export { cardOf } from './card-of';
export { ensembleOf } from './graph/ensemble';
export { asRejecting, isRejecting } from './head/rejection';
export { checkMoments, momentModel } from './graph/moments/moments';
export { repeated, type RepeatedOptions, smoothedModel } from './graph/repeated';
export { withWeights } from './graph/weights';
export { inputGradient, type InputGradient, type InputGradientOptions } from './classifier/input-gradient';
export { batchInfluence, type BatchInfluence } from './inspect/batch-influence';
export { inspectModel, type InspectOptions } from './inspect/inspect-model';
export type { ClassifierFact, Finding, GraphNode, Inspection, OperatorFact, TensorFact } from './inspect/inspection';
export { openForAttack } from './classifier/open-for-attack';
export {
  type GradientNote,
  gradientNote,
  noteGradient,
  withGradientNote,
  withoutGradientNote,
} from './classifier/gradient-note';
export { classifierForm } from './classifier/prepare';
export { openView, type ViewOptions } from './classifier/open-view';
export { type Front, openFront } from './front/open-front';
export { weightsWithNaN } from './inspect/operators';
export { noGradient, pixelRange, takesIntegers } from './inputs/as-taken';
export { inFloat32 } from './inputs/in-float32';
export { type HeldInput, type HeldInputs } from './inputs/held-inputs';
export { openCut, type OpenedCut } from './inputs/open-cut';
