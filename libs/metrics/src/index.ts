export { type McNemar, mcnemar, wilson } from '@rampart/core';

export { bootstrapMean } from './bootstrap';
export { metrics } from './registry';
