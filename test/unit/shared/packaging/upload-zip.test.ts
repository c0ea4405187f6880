import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { ExportClosed, ServiceUnavailable } from '../../../../shared/domain/errors.ts';
import { uploadZip } from '../../../../shared/packaging/upload-zip.ts';
import { InMemoryArtifactStore } from '../../../support/in-memory-artifact-store.ts';
import { NOON } from '../../../support/export-builders.ts';

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield await Promise.resolve(Buffer.alloc(65_536, 'x'));
}

describe('uploading a ZIP while it is filled', () => {
  it('fails with the reason of an upload that lets go of the ZIP before it says why', async () => {
    const failure = new ServiceUnavailable('A part did not arrive.');
    const write = async (_key: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => {
      for await (const chunk of content) if (chunk.length > 0) break;
      await wait(20);
      throw failure;
    };
    const uploading = uploadZip({ write }, 'key', NOON, (archive) => archive.add('file', endless()));
    await expect(uploading).rejects.toBe(failure);
  });

  it('fails with the reason of whoever fills it, and leaves no object', async () => {
    const artifacts = new InMemoryArtifactStore();
    const failure = new ExportClosed('The export is no longer in progress.');
    const uploading = uploadZip(artifacts, 'key', NOON, async (archive) => {
      await archive.add('file', 'text');
      throw failure;
    });
    await expect(uploading).rejects.toBe(failure);
    expect(artifacts.keys()).toEqual([]);
  });
});
