/** What every project's Jest shares: SWC, the workspace's sources instead of its builds, the host's typed arrays. */
const path = require('node:path');

const compilerOptions = ({ tsx }) => ({
  swcrc: false,
  jsc: {
    parser: { syntax: 'typescript', decorators: false, tsx },
    transform: { react: { runtime: 'automatic' } },
    target: 'es2023',
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
});

module.exports = (displayName) => ({
  displayName,
  testEnvironment: path.join(__dirname, 'libs/testing/jest-environment.cjs'),
  testEnvironmentOptions: { customExportConditions: ['@rampart/source', 'node', 'node-addons', 'require', 'default'] },
  testMatch: ['**/*.spec.ts'],
  // Jest's realms look globals up at every use, which makes loops over numbers ten times as slow.
  sandboxInjectedGlobals: ['Math', 'Number', 'Array', 'Infinity', 'Float32Array', 'Float64Array', 'Int32Array'],
  // Long enough for a machine that is busy with something else.
  testTimeout: 120_000,
  moduleFileExtensions: ['ts', 'tsx', 'js', 'cjs', 'mjs', 'json', 'node'],
  // Dynamic imports name the file that the build makes.
  moduleNameMapper: { '^(.*/(?:report-html|s3-objects|site-pages|tfjs-engine))\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/out-tsc/'],
  transform: {
    '^.+\\.[cm]?[tj]s$': ['@swc/jest', compilerOptions({ tsx: false })],
    '^.+\\.tsx$': ['@swc/jest', compilerOptions({ tsx: true })],
  },
  transformIgnorePatterns: [
    '/node_modules/(?!(superjson|copy-anything|is-what|kysely|markdown-table|hyparquet|hyparquet-compressors|fzstd|hysnappy)/)',
  ],
});
