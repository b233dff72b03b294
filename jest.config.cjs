module.exports = {
  projects: ['<rootDir>/libs/*/jest.config.cjs', '<rootDir>/apps/*/jest.config.cjs'],
  // Jest takes no such thing from its projects.
  testTimeout: 120_000,
};
