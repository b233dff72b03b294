#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '../dist/main.js');
if (!existsSync(main)) {
  process.stderr.write('rampart is not built yet. Run "npm run build" at the top of the workspace first.\n');
  process.exit(1);
}
require(main);
