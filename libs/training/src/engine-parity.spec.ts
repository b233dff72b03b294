import { describeEngines } from './engine-parity.kit';

process.env['RAMPART_TFJS_BACKEND'] = 'wasm';

describe('with tfjs on WebAssembly', describeEngines);
