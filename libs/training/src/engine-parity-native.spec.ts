import { describeEngines } from './engine-parity.kit';
import { nativeProblem } from './tfjs/backend';

const whereItIs = nativeProblem() === undefined ? describe : describe.skip;

whereItIs("with tfjs on TensorFlow's native library", describeEngines);
