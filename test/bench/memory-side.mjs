// One side of `memory.bench.mjs`: opens a file, and says what that took.
import { createRequire } from 'node:module';

const load = createRequire(new URL('../../libs/experiments/package.json', import.meta.url));
const models = load('@rampart/models');
const { readModelFile } = createRequire(load.resolve('@rampart/models'))('@rampart/onnx');

const [path, what, channels, height, width] = process.argv.slice(2);
const shape = { channels: Number(channels), height: Number(height), width: Number(width) };
const bare = process.memoryUsage.rss();
const start = performance.now();
const classifier = await models.openClassifier(readModelFile(path), { shape });
if (what === 'first gradient') {
  const image = new Float32Array(shape.channels * shape.height * shape.width);
  await classifier.lossGradient(image, Int32Array.of(0), 'cross-entropy');
}
const seconds = (performance.now() - start) / 1000;
// maxRSS is in kB.
const bytes = process.resourceUsage().maxRSS * 1024 - bare;
await classifier.dispose();
console.log(JSON.stringify({ bytes, seconds }));
