import nx from '@nx/eslint-plugin';
import * as jsoncParser from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';

/** Who may import whom. The picture is in CONTRIBUTING.md; `nx graph` draws it. */
const allowed = {
  'lib:core': [],
  'lib:datasets': ['core'],
  'lib:metrics': ['core'],
  'lib:onnx': ['core'],
  'lib:attacks': ['core'],
  'lib:audits': ['core'],
  'lib:models': ['core', 'onnx'],
  'lib:training': ['core', 'onnx', 'models'],
  'lib:defenses': ['core', 'onnx', 'models', 'training'],
  'lib:results': ['core'],
  'lib:charts': [],
  'lib:reports': ['charts', 'core', 'results'],
  'lib:experiments': [
    'core',
    'datasets',
    'onnx',
    'models',
    'training',
    'attacks',
    'audits',
    'defenses',
    'metrics',
    'results',
    'reports',
  ],
  'lib:api': ['core', 'results', 'reports', 'experiments'],
  'lib:testing': ['core'],
  'app:trainer': ['core', 'experiments', 'results', 'reports'],
  'app:dashboard': ['api', 'charts'],
};

const constraints = Object.entries(allowed).map(([sourceTag, libs]) => ({
  sourceTag,
  onlyDependOnLibsWithTags: libs.map((lib) => `lib:${lib}`),
}));

const boundaries = (depConstraints) => ({
  '@nx/enforce-module-boundaries': ['error', { enforceBuildableLibDependency: false, allow: [], depConstraints }],
});

export default [
  { ignores: ['**/dist', '**/out-tsc', '**/.next', '**/next-env.d.ts', '**/.nx', '**/tmp', '**/*.d.ts'] },
  ...nx.configs['flat/base'],
  ...tseslint.configs.strict.map((config) => ({ ...config, files: ['**/*.ts', '**/*.tsx'] })),
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...boundaries(constraints),
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      // Indices that a loop has just checked are read with "!": noUncheckedIndexedAccess knows no loops.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // The page's own configuration is that of its build, which has no specs.
    files: ['apps/dashboard/src/**/*.spec.ts'],
    languageOptions: { parserOptions: { projectService: false, project: 'apps/dashboard/tsconfig.spec.json' } },
  },
  {
    files: ['libs/{core,datasets,onnx,models,training,attacks,audits,defenses,metrics}/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Randomness comes from the Rng that is handed down.' },
        { object: 'Date', property: 'now', message: 'Domain libraries have no clock.' },
      ],
    },
  },
  {
    // `rampart check` runs the conformance kits on other people's components.
    files: ['libs/experiments/src/plugins/laws-of.ts'],
    rules: {
      ...boundaries(
        constraints.map((c) =>
          c.sourceTag === 'lib:experiments'
            ? { ...c, onlyDependOnLibsWithTags: [...c.onlyDependOnLibsWithTags, 'lib:testing'] }
            : c,
        ),
      ),
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.kit.ts'],
    rules: {
      // Specs may use the conformance kits, whoever they belong to.
      ...boundaries([...constraints.map((c) => ({ ...c, onlyDependOnLibsWithTags: ['*'] }))]),
    },
  },
  {
    // A library declares what it imports, and nothing else.
    files: ['libs/*/package.json', 'apps/trainer/package.json', 'tools/*/package.json'],
    languageOptions: { parser: jsoncParser },
    rules: {
      '@nx/dependency-checks': [
        'error',
        {
          ignoredFiles: ['{projectRoot}/**/*.spec.ts', '{projectRoot}/**/*.kit.ts', '{projectRoot}/jest*.cjs'],
          checkVersionMismatches: false,
          ignoredDependencies: [
            // Loaded by name where they are there.
            '@tensorflow/tfjs-node',
            '@rampart/dashboard',
            'next',
          ],
        },
      ],
    },
  },
  { files: ['**/*.js', '**/*.cjs', '**/*.mjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
];
