import { App } from 'aws-cdk-lib';
import * as z from 'zod/mini';
import { InvalidContext } from './context-values.ts';
import { deploymentContext, namePrefix } from './deployment-context.ts';
import { ExportStack } from './export-stack.ts';
import { lookForFindings } from './findings.ts';
import { ExportPageStack } from './page-stack.ts';

const app = new App();
lookForFindings(app);

// The CDK command line passes on the region of the AWS profile.
const defaults = { region: process.env['CDK_DEFAULT_REGION'] };

try {
  const given: unknown = app.node.getAllContext();
  const context = deploymentContext(z.record(z.string(), z.unknown()).parse(given), defaults);
  const exported = new ExportStack(app, `${namePrefix(context)}-export`, context);
  if (context.page !== undefined) {
    new ExportPageStack(app, `${namePrefix(context)}-export-page`, {
      ...{ context, page: context.page, served: exported },
    });
  }
} catch (error) {
  if (!(error instanceof InvalidContext)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
