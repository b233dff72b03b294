export { EvasionObjective } from './evasion-objective';
export * from './registry';
