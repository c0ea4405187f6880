import { CHECKSUM_ALGORITHMS, type Checksum, type ChecksumAlgorithm } from './checksum.ts';
import { S3Error } from './s3-error.ts';
import {
  childrenNamed,
  optionalText,
  parseXml,
  refuseOtherChildren,
  requiredText,
  textElement,
} from './xml.ts';

/** A part as the completion of an upload names it. */
export interface NamedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksums: ReadonlyMap<ChecksumAlgorithm, string>;
}

/** Parts of a `CompleteMultipartUpload` document in the order given. Throws S3Error `MalformedXML`. */
export const parseCompletion = (body: Uint8Array): NamedPart[] => {
  const root = parseXml(body, 'CompleteMultipartUpload');
  const checksumNames = CHECKSUM_ALGORITHMS.map((algorithm) => `Checksum${algorithm}`);
  const parts = childrenNamed(root, 'Part').map((part) => {
    refuseOtherChildren(part, 'PartNumber', 'ETag', ...checksumNames);
    const checksums = CHECKSUM_ALGORITHMS.flatMap((algorithm): [ChecksumAlgorithm, string][] => {
      const value = optionalText(part, `Checksum${algorithm}`);
      return value === undefined ? [] : [[algorithm, value]];
    });
    return {
      number: Number(requiredText(part, 'PartNumber')),
      etag: requiredText(part, 'ETag').replaceAll('"', ''),
      checksums: new Map(checksums),
    };
  });
  if (parts.length > 0 && parts.every(({ number }) => Number.isSafeInteger(number))) return parts;
  throw new S3Error('MalformedXML', 'You must specify at least one part');
};

/** `<ChecksumCRC32>...</ChecksumCRC32><ChecksumType>...</ChecksumType>`, or nothing. */
export const checksumElement = (checksum: Checksum | undefined, withType = true): string => {
  if (checksum === undefined) return '';
  const value = textElement(`Checksum${checksum.algorithm}`, checksum.value);
  return withType ? value + textElement('ChecksumType', checksum.type) : value;
};
