module.exports = {
  ...require('../../jest.preset.cjs')('results'),
  // Dynamic imports name the file that the build makes.
  moduleNameMapper: { '^(.*/s3-objects)\\.js$': '$1' },
};
