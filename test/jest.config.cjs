module.exports = {
  ...require('../jest.preset.cjs')('test'),
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/bench/'],
  testTimeout: 600_000,
  testSequencer: '<rootDir>/longest-first.cjs',
};
