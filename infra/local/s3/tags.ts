import { parseQuery } from '../aws-signature.ts';
import type { StoredTag } from './catalogue-record.ts';
import { S3Error } from './s3-error.ts';
import { childrenNamed, element, parseXml, refuseOtherChildren, requiredText, textElement } from './xml.ts';

const MOST_TAGS = 10;
const LONGEST_TAG_KEY = 128;
const LONGEST_TAG_VALUE = 256;

const checked = (tags: readonly StoredTag[]): StoredTag[] => {
  const names = new Set(tags.map((tag) => tag.key));
  const valid = tags.every(
    ({ key, value }) => key.length >= 1 && key.length <= LONGEST_TAG_KEY && value.length <= LONGEST_TAG_VALUE,
  );
  if (valid && names.size === tags.length && tags.length <= MOST_TAGS) return [...tags];
  throw new S3Error(
    'InvalidTag',
    'Tags need distinct keys of 1 to 128 characters, values of at most 256, and be 10 at most',
  );
};

/** Tags as the header `x-amz-tagging` gives them. Throws S3Error `InvalidTag`. */
export const tagsOfHeader = (header: string | undefined): StoredTag[] =>
  checked(parseQuery(header ?? '').map(([key, value]) => ({ key, value })));

/** Tags as a `Tagging` document gives them. Throws S3Error `MalformedXML` or `InvalidTag`. */
export const tagsOfDocument = (body: Uint8Array): StoredTag[] => {
  const root = parseXml(body, 'Tagging');
  refuseOtherChildren(root, 'TagSet');
  const tags = childrenNamed(root, 'TagSet').flatMap((set) => childrenNamed(set, 'Tag'));
  return checked(tags.map((tag) => ({ key: requiredText(tag, 'Key'), value: requiredText(tag, 'Value') })));
};

export const tagSetElement = (tags: readonly StoredTag[]): string =>
  element(
    'TagSet',
    ...tags.map(({ key, value }) => element('Tag', textElement('Key', key), textElement('Value', value))),
  );
