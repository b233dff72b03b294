// `npm run setup:tfjs-node`: fetches and builds the native library of tfjs-node, which npm's own install leaves out.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

import { installDependencies, root } from './install.mjs';

installDependencies();
const { status } = spawnSync(
  'npm',
  ['rebuild', '@tensorflow/tfjs-node', '--ignore-scripts=false', '--foreground-scripts'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
try {
  createRequire(import.meta.url)('@tensorflow/tfjs-node');
  console.log('tfjs-node is ready: --engine auto uses it from now on.');
} catch (error) {
  console.error(
    `tfjs-node's native library could not be set up (npm rebuild ended with ${status}): ${String(error.message).split('\n')[0]}\n` +
      "Its install script downloads TensorFlow's C library from outside the npm registry; see whether this machine can reach it.\n" +
      'Rampart works without it: --engine auto takes the onnx engine.',
  );
  process.exit(1);
}
