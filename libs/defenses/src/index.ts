export { attackedInstances, attackModel } from './adversarial-examples';
export { aec } from './aec';
export { distillation } from './distillation';
export { iaec } from './iaec';
export { rad } from './rad';
export { defenses } from './registry';
