#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const dist = join(__dirname, '../dist');
if (!existsSync(join(dist, 'main.js'))) {
  process.stderr.write('rampart is not built yet. Run "npm run build" at the top of the workspace first.\n');
  process.exit(1);
}
// ONNX Runtime, which the rest loads, aborts where it finds too few.
const wrong = require(join(dist, 'address-space.js')).tooFewAddresses(0);
if (wrong !== undefined) {
  process.stderr.write(`rampart: ${wrong}\n`);
  process.exit(1);
}
require(join(dist, 'main.js'));
