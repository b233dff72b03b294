export { bootstrapMean } from './bootstrap';
export { metrics } from './registry';
export { wilson } from './wilson';
