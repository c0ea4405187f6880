import { readDocument } from './request-body.ts';
import type { S3Request } from './s3-request.ts';
import { xmlResponse, type S3Response } from './s3-response.ts';
import type { S3Store } from './s3-store.ts';
import { tagSetElement, tagsOfDocument } from './tags.ts';
import { xmlDocument } from './xml.ts';

export const putObjectTagging = async (request: S3Request, store: S3Store): Promise<S3Response> => {
  const { bucket, key } = request;
  const tags = tagsOfDocument(await readDocument(request));
  const object = { ...store.catalogue.object(bucket, key), tags };
  store.catalogue.record({ change: 'object', bucket, object });
  return { status: 200 };
};

export const getObjectTagging = ({ bucket, key }: S3Request, store: S3Store): S3Response =>
  xmlResponse(xmlDocument('Tagging', tagSetElement(store.catalogue.object(bucket, key).tags)));
