export { CheckedSession, type Opening } from './device/checked-session';
export { differences, type Parts, TOLERANCE } from './device/difference';
export { requireDevice } from './device/require-device';
export { type AttributeInput, type AttributeInputs, float, floats } from './graph/attribute';
export { GraphBuilder } from './graph/builder';
export type {
  Attribute,
  Dimension,
  ElementType,
  Graph,
  LocalFunction,
  Model,
  Node,
  Tensor,
  TensorData,
  ValueInfo,
} from './graph/ir';
export { usedBy, withOutputs } from './graph/outputs';
export { normalise } from './graph/normalise/normalise';
export {
  boolTensor,
  elementCount,
  float32Tensor,
  float64Tensor,
  int32Tensor,
  int64Tensor,
  int64Vector,
  numericTensor,
  scalar,
  tensor,
  toNumbers,
} from './graph/tensor';
export { takesBatchStatistics } from './graph/batch-statistics';
export { elementsPerRow, type ProbedDimension, type ValueType, type ValueTypes } from './graph/value-types';
export { differentiate, type Differentiated, type DifferentiateOptions } from './gradient/differentiate';
export { type StepOperators, stepOperators, type Way } from './gradient/step-operators';
export { type FastFormOptions, inFastForm } from './rewrite/in-fast-form';
export { type Rewrite, REWRITES } from './rewrite/rewrites';
export { differentiableOperators, gradientSupport } from './gradient/registry';
export { compareGradients, type FiniteDifferenceOptions, type GradientComparison } from './runtime/finite-differences';
export { probe, type ProbeOptions } from './runtime/probe';
export { runtimeVersion } from './runtime/runtime-version';
export { Session, type SessionOptions } from './runtime/session';
export { typeNumber } from './wire/element-types';
export { readModel, readTensorFile } from './wire/read-model';
export { readModelFile } from './wire/read-model-file';
export { writeModel } from './wire/write-model';
