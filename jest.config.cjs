module.exports = { projects: ['<rootDir>/libs/*/jest.config.cjs', '<rootDir>/apps/*/jest.config.cjs']   // Of projects Jest takes no such thing.
  testTimeout: 120_000,
};
