import { App } from 'aws-cdk-lib';
import * as z from 'zod/mini';
import { InvalidContext } from './context-values.ts';
import { deploymentContext } from './deployment-context.ts';
import { ExportStack } from './export-stack.ts';
import { lookForFindings } from './findings.ts';

const app = new App();
lookForFindings(app);

// The CDK command line passes on the region of the AWS profile.
const defaults = { region: process.env['CDK_DEFAULT_REGION'] };

try {
  const given: unknown = app.node.getAllContext();
  const context = deploymentContext(z.record(z.string(), z.unknown()).parse(given), defaults);
  new ExportStack(app, `${context.project}-${context.environment}-export`, context);
} catch (error) {
  if (!(error instanceof InvalidContext)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
