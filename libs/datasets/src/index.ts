export { cacheFolder } from './cifar-cache';
export { type IdxArray, parseIdx, readIdx } from './idx';
export { datasets } from './registry';
