const preset = require('../../jest.preset.cjs')('dashboard');

module.exports = {
  ...preset,
  // What is logic is tested here; pages are driven in a browser (test/browser).
  roots: ['<rootDir>/src'],
  moduleNameMapper: { ...preset.moduleNameMapper, '^@/(.*)$': '<rootDir>/src/$1' },
};
