import { DockerImage } from 'aws-cdk-lib';
import { LogLevel, OutputFormat, type BundlingOptions } from 'aws-cdk-lib/aws-lambda-nodejs';
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

/** The same in CDK's words, which runs esbuild by itself. */
export const CDK_BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  target: FUNCTION_BUILD.target,
  mainFields: FUNCTION_BUILD.mainFields,
  minify: FUNCTION_BUILD.minify,
  keepNames: FUNCTION_BUILD.keepNames,
  sourceMap: FUNCTION_BUILD.sourcemap,
  sourcesContent: FUNCTION_BUILD.sourcesContent,
  banner: FUNCTION_BUILD.banner.js,
  externalModules: [],
  logLevel: LogLevel.WARNING,
  // Without esbuild CDK would build an image to run it in. Nothing here is to need Docker: there is no such image.
  dockerImage: DockerImage.fromRegistry('esbuild.invalid/is-not-installed'),
};
