export { attackedInstances, attackModel } from './adversarial-examples';
export { rad } from './rad';
export { defenses } from './registry';
