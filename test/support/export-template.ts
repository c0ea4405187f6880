import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  BUNDLING_STACKS,
  DISABLE_CREATION_STACK_TRACES,
  DISABLE_METADATA_STACK_TRACE,
} from 'aws-cdk-lib/cx-api';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentContext } from '../../infra/aws/deployment-context.ts';
import { ExportStack } from '../../infra/aws/export-stack.ts';
import { ExportPageStack } from '../../infra/aws/page-stack.ts';

const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
  context: { environments: { example: Record<string, unknown> } };
};

/** The settings that `npm run synth` uses, as cdk.json has them. */
export const exampleSettings = (): Readonly<Record<string, unknown>> => context.environments.example;

interface TemplateOptions {
  /** CDK's own validation of the template takes seconds, so it is for one test alone. */
  readonly validated?: boolean;
}

/** What stacks an app has, without bundles: those take their time, and have a test of their own. */
const synthesized = (validated: boolean, stackOf: (app: App) => Stack): Template => {
  const outdir = mkdtempSync(join(tmpdir(), 'export-template-'));
  try {
    const app = new App({
      outdir,
      context: {
        ...context,
        [BUNDLING_STACKS]: [],
        [DISABLE_METADATA_STACK_TRACE]: true,
        [DISABLE_CREATION_STACK_TRACES]: true,
      },
      treeMetadata: false,
      analyticsReporting: false,
      builtinCloudFormationValidation: validated,
    });
    return Template.fromStack(stackOf(app));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};

const contextWith = (settings: Readonly<Record<string, unknown>>) =>
  deploymentContext({ ...context, environment: 'example', ...settings });

/** The template of the export's stack. */
export const exportTemplate = (
  settings: Readonly<Record<string, unknown>> = {},
  { validated = false }: TemplateOptions = {},
): Template => synthesized(validated, (app) => new ExportStack(app, 'Export', contextWith(settings)));

/** The template of the page's stack, beside an export whose API and packages are at the hosts given here. */
export const pageTemplate = (
  settings: Readonly<Record<string, unknown>> = {},
  { validated = false }: TemplateOptions = {},
): Template => {
  const given = contextWith(settings);
  const { page } = given;
  if (page === undefined) throw new Error('These settings have no page.');
  const served = { apiHost: 'api.example.com', packagesOrigin: 'https://packages.example.com' };
  return synthesized(validated, (app) => new ExportPageStack(app, 'Page', { context: given, page, served }));
};

type Properties = Readonly<Record<string, unknown>>;

export interface TemplateResource {
  readonly id: string;
  readonly properties: Properties;
  readonly deletionPolicy: unknown;
}

/** The template's resources of a type, such as `AWS::Lambda::Function`. */
export const resourcesOf = (template: Template, type: string): TemplateResource[] =>
  Object.entries(template.findResources(type)).map(([id, resource]) => ({
    id,
    properties: (resource as { Properties?: Properties }).Properties ?? {},
    deletionPolicy: (resource as { DeletionPolicy?: unknown }).DeletionPolicy,
  }));

/** CloudFormation makes an id of the path of a construct and eight hexadecimal digits. */
const withoutDigits = (id: string): string => id.replace(/[0-9A-F]{8}$/, '');

const isIntrinsic = (value: unknown, name: string): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && name in value;

/** What a value of the template comes to, as text; the attributes of resources stand as `Id.Attribute`. */
export const resolved = (value: unknown): string => {
  if (isIntrinsic(value, 'Ref')) {
    const pseudo: Record<string, string> = { 'AWS::Partition': 'aws', 'AWS::AccountId': '111111111111' };
    const name = String(value['Ref']);
    return pseudo[name] ?? withoutDigits(name);
  }
  if (isIntrinsic(value, 'Fn::GetAtt')) {
    const [id, attribute] = value['Fn::GetAtt'] as [string, string];
    return `${withoutDigits(id)}.${attribute}`;
  }
  if (isIntrinsic(value, 'Fn::Join')) {
    const [separator, parts] = value['Fn::Join'] as [string, unknown[]];
    return parts.map(resolved).join(separator);
  }
  if (isIntrinsic(value, 'Fn::Select')) {
    const [at, from] = value['Fn::Select'] as [number, unknown];
    return `${resolved(from)}[${at}]`;
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
};
