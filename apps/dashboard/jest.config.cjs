module.exports = {
  ...require('../../jest.preset.cjs')('dashboard'),
  // What is logic is tested here; pages are driven in a browser (test/browser).
  roots: ['<rootDir>/src'],
  moduleNameMapper: { '^@/(.*)$': '<rootDir>/src/$1' },
};
