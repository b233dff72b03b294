export { adam } from './adam';
export { cg } from './cg';
export { EvasionObjective } from './evasion-objective';
export { fgs } from './fgs';
export { attacks } from './registry';
