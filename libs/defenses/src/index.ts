export { attackedInstances, attackModel } from './adversarial-examples';
export * from './registry';
