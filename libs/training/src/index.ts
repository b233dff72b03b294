export type { Availability, Engine, StartOptions, TrainingSession, View, Views } from './engine';
export { chooseEngine, engineNamed, engines, startTraining } from './engines';
export { checkObjective, classification, type Objective, type ObjectiveTerm, oneHot } from './objective';
export { adam, type Optimiser, sgd } from './optimiser';
export { train, type Trained, type TrainingData, type TrainOptions } from './train';
export { trainClassifier, type TrainClassifierOptions } from './train-classifier';
export { trainableInitializers } from './onnx/trainable';
export { NATIVE_TFJS } from './tfjs/engine';
