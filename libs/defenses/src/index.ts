export { ATTACK, openAttackPieces, type SharedAttack } from './attack-pieces';
export { attackedInstances, attackModel } from './adversarial-examples';
export * from './registry';
