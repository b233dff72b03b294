export * from './registry';
export { EvasionObjective } from './white-box/evasion-objective';
