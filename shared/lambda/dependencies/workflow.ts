import { sfn } from '../../aws/sfn-client.ts';
import { SfnWorkflow } from '../../aws/sfn-workflow.ts';

export const exportWorkflow = ({ EXPORT_WORKFLOW_ARN }: { readonly EXPORT_WORKFLOW_ARN: string }) =>
  new SfnWorkflow(sfn, EXPORT_WORKFLOW_ARN);
