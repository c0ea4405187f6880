import unicorn from 'eslint-plugin-unicorn';
import tseslint from 'typescript-eslint';

/**
 * Who may import whom: for each place, what its import specifiers may begin with. Use-cases know ports, never AWS; functions
 * never know the workflow's definition; the two wirings under infra/ never know each other.
 */
const IMPORTS = [
  ['shared/api/*.ts', ['./', '../domain/', '../http.ts', '../lambda/functions.ts', 'zod/mini']],
  ['shared/client/*.ts', ['../api/', '../domain/']],
  ['shared/domain/*.ts', ['./', '../api/', 'node:', 'big.js', 'zod/mini']],
  ['shared/*.ts', ['./domain/', './verification/random-access-source.ts', 'node:']],
  ['shared/workflow/*.ts', ['../domain/', 'zod/mini']],
  [
    'shared/packaging/*.ts',
    [
      './',
      '../domain/',
      '../ports.ts',
      '../use-cases/lines.ts',
      '../workflow/',
      'node:',
      'archiver',
      'csv-stringify',
      'zod/mini',
    ],
  ],
  [
    'shared/verification/*.ts',
    ['./', '../domain/', '../packaging/zip-layout.ts', 'node:', 'hash-wasm', 'yauzl', 'zod/mini'],
  ],
  [
    'shared/use-cases/*.ts',
    ['./', '../domain/', '../ports.ts', '../http.ts', '../workflow/', 'node:', 'zod/mini'],
  ],
  [
    'shared/aws/*.ts',
    [
      './',
      ...['../domain/', '../ports.ts', '../verification/random-access-source.ts'],
      ...['node:', '@aws-sdk/', 'hash-wasm', 'zod/mini'],
    ],
  ],
  [
    'shared/lambda/*.ts',
    [
      './',
      ...['../api/', '../domain/', '../ports.ts', '../http.ts', '../use-cases/', '../workflow/'],
      ...['node:', '@middy/', '@aws-lambda-powertools/', 'aws-lambda', 'zod/mini'],
    ],
  ],
  [
    'shared/lambda/dependencies/*.ts',
    ['../../aws/', '../../ports.ts', '../../use-cases/', 'node:fs/promises'],
  ],
  [
    'functions/*/*.ts',
    [
      './',
      ...[
        'api/',
        'domain/',
        'ports.ts',
        'http.ts',
        'use-cases/',
        'workflow/',
        'packaging/',
        'verification/',
      ].map((to) => `../../shared/${to}`),
      ...['node:', 'zod/mini'],
    ],
  ],
  [
    'functions/*/handler.ts',
    ['./', ...['lambda/', 'use-cases/', 'workflow/'].map((to) => `../../shared/${to}`), 'node:crypto'],
  ],
  ['statemachine/*.ts', ['../shared/lambda/functions.ts', 'node:']],
];

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const importRules = IMPORTS.map(([place, allowed]) => ({
  files: [place],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(?!${allowed.map(escaped).join('|')})`,
            message: `Files of ${place} may import only ${allowed.join(', ')}.`,
          },
        ],
      },
    ],
  },
}));

/** What runs in functions and in pages knows the types of the API's schemas, and carries none of the schemas. */
const typesOnlyRule = (places, forbidden, message) => ({
  files: places,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: [{ regex: forbidden, allowTypeImports: true, message }] },
    ],
  },
});

const wiringRule = (place, forbidden, message) => ({
  files: [place],
  rules: { 'no-restricted-imports': ['error', { patterns: [{ regex: forbidden, message }] }] },
});

export default tseslint.config(
  { ignores: ['node_modules', 'cdk.out', 'coverage', '.local'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { unicorn },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/only-throw-error': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Export by name, so that a thing has one name everywhere.',
        },
      ],
      'no-console': 'error',
      'max-params': ['error', 4],
      eqeqeq: 'error',
      'unicorn/filename-case': ['error', { case: 'kebabCase' }],
      'unicorn/prefer-node-protocol': 'error',
    },
  },
  ...importRules,
  typesOnlyRule(
    ['functions/**/*.ts', 'shared/lambda/*.ts', 'shared/domain/*.ts'],
    '/api/',
    'Functions import only types of shared/api: nothing of it is deployed with them.',
  ),
  typesOnlyRule(['shared/client/*.ts'], '.', 'The client imports only types: it is as small as it can be.'),
  wiringRule(
    'infra/local/**/*.ts',
    '(/aws/app|infra/aws|aws-cdk-lib|/test/)',
    'The local wiring knows neither CDK nor tests.',
  ),
  wiringRule(
    'infra/aws/**/*.ts',
    '(infra/local|\\.\\./local/|/test/)',
    'The AWS wiring knows neither the local one nor tests.',
  ),
  wiringRule(
    'infra/web/browser/**/*.{ts,tsx}',
    '(^node:|infra/local|infra/aws|/local/|/aws/|functions/|@aws-sdk|/test/)',
    'What runs in a browser knows neither Node nor AWS, nor either wiring.',
  ),
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/consistent-type-assertions': 'off' } },
);
