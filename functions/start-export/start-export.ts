import type { AcceptedExport } from '../../shared/api/replies.ts';
import { IdempotencyKeySpent, InvalidRequest } from '../../shared/domain/errors.ts';
import { requestHash, type ExportJob, type Tombstone } from '../../shared/domain/export-job.ts';
import { parseExportRequest, type ExportRequest } from '../../shared/domain/export-request.ts';
import { nameBasedUuid } from '../../shared/domain/name-based-uuid.ts';
import { POLL_SECONDS, type ApiReply, type ApiRequest } from '../../shared/http.ts';
import { createAcceptExport, type AcceptExportDependencies } from '../../shared/use-cases/accept-export.ts';
import type { Estimate, EstimateExport } from '../../shared/use-cases/estimate-export.ts';

interface Dependencies extends AcceptExportDependencies {
  readonly estimate: EstimateExport;
  readonly newId: () => string;
}

/** 1 to 255 visible ASCII characters, as the Idempotency-Key draft and common practice have it. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

const idempotencyKeyOf = ({ headers }: ApiRequest): string | undefined => {
  const key = headers['idempotency-key'];
  if (key !== undefined && !IDEMPOTENCY_KEY.test(key)) {
    throw new InvalidRequest([], 'The header Idempotency-Key must hold 1 to 255 visible ASCII characters.');
  }
  return key;
};

/** The job behind a key that was used before, when it was used for the same request. */
const replayed = (job: ExportJob | Tombstone, request: ExportRequest): ExportJob => {
  if (job.status === 'deleted' || job.status === 'deleting') {
    throw new IdempotencyKeySpent('The export with this Idempotency-Key was deleted. Send a new key.');
  }
  if (job.requestHash !== requestHash(request)) {
    throw new IdempotencyKeySpent('This Idempotency-Key was used for another request. Send a new key.');
  }
  return job;
};

const accepted = ({ exportId, estimatedSize, estimatedCompletion }: ExportJob): ApiReply<AcceptedExport> => ({
  status: 202,
  headers: { location: `/export/${exportId}/status`, 'retry-after': String(POLL_SECONDS) },
  body: {
    exportId,
    status: 'initiated',
    estimatedSize,
    estimatedCompletion: estimatedCompletion === null ? null : new Date(estimatedCompletion).toISOString(),
  },
});

/** Accepts what a user asks for; the same Idempotency-Key is the same export. */
export const createStartExport = (dependencies: Dependencies) => {
  const { jobs, estimate, log, newId } = dependencies;
  const { accept, resume } = createAcceptExport(dependencies);

  /** An estimate is a courtesy: when the application's tables do not answer now, they may when the export reads them. */
  const estimateIfPossible = async (userId: string, wanted: ExportRequest): Promise<Estimate> => {
    try {
      return await estimate(userId, wanted);
    } catch (error) {
      log.failure('An export starts without an estimate.', error);
      return { size: null, duration: null };
    }
  };

  return async (request: ApiRequest): Promise<ApiReply<AcceptedExport>> => {
    const { userId, correlationId, requestId } = request;
    const wanted = parseExportRequest(request.body);
    const key = idempotencyKeyOf(request);
    const exportId = key === undefined ? newId() : nameBasedUuid('export', userId, key);
    const recognize = (known: ExportJob | Tombstone): ExportJob => replayed(known, wanted);
    log.about({ exportId, userId, correlationId });
    const known = key === undefined ? undefined : await jobs.find(exportId);
    if (known !== undefined) return accepted(await resume(recognize(known)));
    return accepted(
      await accept({
        ...{ exportId, userId, correlationId, causationId: requestId, request: wanted, recognize },
        estimate: () => estimateIfPossible(userId, wanted),
      }),
    );
  };
};
