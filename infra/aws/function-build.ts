import type { BuildOptions } from 'esbuild';

/** Some packages are CommonJS inside and ask for Node's own modules by `require`, which a module does not have. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** How a function becomes the one file that is deployed. The SDK is in it too: what is deployed is what was tested. */
export const FUNCTION_BUILD = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  mainFields: ['module', 'main'],
  minify: true,
  // Errors are told apart by name, in the state machine and in logs.
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  banner: { js: REQUIRE },
} satisfies BuildOptions;
