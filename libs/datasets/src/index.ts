export { cacheFolder } from './cifar-cache';
export { type IdxArray, parseIdx, readIdx } from './idx';
export { type NpyArray, parseNpy } from './npy';
export { datasets } from './registry';
