module.exports = {
  ...require('../../jest.preset.cjs')('reports'),
  // Dynamic imports name the file that the build makes.
  moduleNameMapper: { '^(.*/(?:report-html|site-pages))\\.js$': '$1' },
};
