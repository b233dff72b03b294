const { projects } = require('../jest.config.cjs');
const { testSequencer, testTimeout, ...own } = require('./jest.config.cjs');

/** The suites of all projects and of this folder, in one Jest, which takes its sequencer and its patience from here alone. */
module.exports = {
  rootDir: '..',
  projects: [...projects, { ...own, rootDir: __dirname }],
  testSequencer: testSequencer.replace('<rootDir>', __dirname),
  testTimeout,
};
