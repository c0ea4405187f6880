import { S3ArtifactStore } from '../../aws/s3-artifact-store.ts';
import { s3, statementFilesS3 } from '../../aws/s3-client.ts';
import { S3StatementFiles } from '../../aws/s3-statement-files.ts';

export const artifactStore = ({ EXPORT_PACKAGES_BUCKET }: { readonly EXPORT_PACKAGES_BUCKET: string }) =>
  new S3ArtifactStore(s3, EXPORT_PACKAGES_BUCKET);

export const statementFiles = ({ FILE_STORAGE_BUCKET }: { readonly FILE_STORAGE_BUCKET: string }) =>
  new S3StatementFiles(statementFilesS3, FILE_STORAGE_BUCKET);
