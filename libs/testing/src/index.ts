export { type AttackCheckOptions, attackLaws, checkAttack, describeAttack } from './check-attack';
export { type ClosedForm, closedFormClassifier, lossOfLogits } from './closed-form-classifier';
export { describeLaws, judge, type Law, type LawCheck } from './law';
export { linearClassifier, type LinearModel } from './linear-classifier';
export { type TanhNetwork, tanhNetwork } from './tanh-network';
