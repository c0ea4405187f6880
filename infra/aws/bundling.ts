import { DockerImage } from 'aws-cdk-lib';
import { LogLevel, OutputFormat, type BundlingOptions } from 'aws-cdk-lib/aws-lambda-nodejs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FUNCTION_BUILD } from './function-build.ts';

/** Where a deployed function finds the page that goes into each ZIP: Lambda unpacks what is deployed into this folder. */
export const DEPLOYED_VIEWER_FILE = '/var/task/viewer.html';

const WRITE_VIEWER = fileURLToPath(new URL('../web/write-viewer.ts', import.meta.url));

/** How CDK is to build functions, in its own words; it runs esbuild by itself. */
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

const quoted = (...words: readonly string[]): string => words.map((word) => `"${word}"`).join(' ');

/** The same, with the page that goes into each ZIP beside the function's code. */
export const CDK_BUNDLING_WITH_VIEWER: BundlingOptions = {
  ...CDK_BUNDLING,
  commandHooks: {
    beforeBundling: () => [],
    beforeInstall: () => [],
    afterBundling: (_inputDir, outputDir) => [
      quoted(process.execPath, WRITE_VIEWER, join(outputDir, basename(DEPLOYED_VIEWER_FILE))),
    ],
  },
};
