import { DockerImage } from 'aws-cdk-lib';
import { LogLevel, OutputFormat, type BundlingOptions } from 'aws-cdk-lib/aws-lambda-nodejs';
import { FUNCTION_BUILD } from './function-build.ts';

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
