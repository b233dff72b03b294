const preset = require('../../jest.preset.cjs')('reports');

// The page of a report is made of React components.
const [[compiler, options]] = Object.values(preset.transform);
const jsc = {
  ...options.jsc,
  parser: { ...options.jsc.parser, tsx: true },
  transform: { react: { runtime: 'automatic' } },
};

module.exports = {
  ...preset,
  moduleFileExtensions: ['tsx', ...preset.moduleFileExtensions],
  // Dynamic imports name the file that the build makes.
  moduleNameMapper: { '^(.*/report-html)\\.js$': '$1' },
  transform: { ...preset.transform, '^.+\\.tsx$': [compiler, { ...options, jsc }] },
};
