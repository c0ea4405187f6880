import { ExportTooLarge } from '../../shared/domain/errors.ts';
import type { ProcessingJob } from '../../shared/domain/export-job.ts';
import { planKey } from '../../shared/domain/package-layout.ts';
import {
  inPackageOrder,
  sectionNamed,
  type CollectedSection,
} from '../../shared/packaging/collected-section.ts';
import { interimSections } from '../../shared/packaging/interim-sections.ts';
import { TABLES, type PackagePlan, type PlannedSegment } from '../../shared/packaging/package-plan.ts';
import { processingJob } from '../../shared/packaging/package-source.ts';
import { statementFileOf } from '../../shared/packaging/statement-file-records.ts';
import type { ArtifactStore, JobStore } from '../../shared/ports.ts';
import type { PlanInput, PlanResult, StepAttempt } from '../../shared/workflow/contracts.ts';
import { fileLines, SegmentPlanner, type SegmentLimits } from './segment-planner.ts';

interface Dependencies {
  readonly jobs: Pick<JobStore, 'find'>;
  readonly artifacts: ArtifactStore;
  /** Of a segment, while that does not make too many. */
  readonly limits: SegmentLimits;
}

/**
 * Twice as many, as either limit may close a segment, are what the workflow's time limit leaves a whole call for each. Each
 * adds some ten events to the execution's history, which ends at 25,000 (Step Functions quotas), and its result to a state of
 * at most 256 KiB. Beyond so many, segments grow instead.
 */
export const MOST_SEGMENTS = 240;

/** The largest object that one request uploads (Amazon S3 quotas), so what a record says beyond it is no file's size. */
const LARGEST_FILE_BYTES = 5 * 1024 ** 3;
/** Whoever joins and verifies the package holds what is told of each of them, some 3.6 KiB (statemachine/README.md, "Walls"). */
export const MOST_FILES = 400_000;

interface Weight {
  readonly bytes: number;
  readonly entries: number;
}

/** A record's word for the size of its file; only the cutting depends on it. */
const sizeOf = (json: string): number =>
  Math.min(Math.max(0, statementFileOf(json).fileSize ?? 0), LARGEST_FILE_BYTES);

/** Decides which function packs what, so that each can finish its piece in one call. */
export const createPlanPackage = ({ jobs, artifacts, limits }: Dependencies) => {
  const interim = interimSections(artifacts);

  const weigh = async (
    sections: readonly CollectedSection[],
    tables: readonly CollectedSection[],
  ): Promise<Weight> => {
    const files = sectionNamed(sections, 'transactionFiles');
    let bytes = [...sections, ...tables].reduce((sum, section) => sum + section.bytes, 0);
    if (files !== undefined) {
      for await (const { json } of fileLines(interim.lines(files))) bytes += sizeOf(json);
    }
    return { bytes, entries: sections.length + tables.length + (files?.count ?? 0) };
  };

  const zipSegments = async (
    job: ProcessingJob,
    sections: readonly CollectedSection[],
  ): Promise<PlannedSegment[]> => {
    const files = sectionNamed(sections, 'transactionFiles');
    const tables = job.parameters.includeCsv
      ? TABLES.flatMap((name) => sectionNamed(sections, name) ?? [])
      : [];
    const weight = await weigh(sections, tables);
    const planner = new SegmentPlanner({
      bytes: Math.max(limits.bytes, weight.bytes / MOST_SEGMENTS),
      entries: Math.max(limits.entries, weight.entries / MOST_SEGMENTS),
    });
    for (const { section, bytes } of sections) {
      if (section !== 'transactionFiles') planner.addSection(section, bytes);
    }
    for (const name of TABLES) {
      const table = sectionNamed(tables, name);
      if (table !== undefined) planner.addTable(name, table.bytes);
    }
    if (files !== undefined) {
      for await (const { line, json } of fileLines(interim.lines(files))) planner.addFile(line, sizeOf(json));
    }
    return planner.segments();
  };

  return async ({ run, collected }: PlanInput, { attemptId }: StepAttempt): Promise<PlanResult> => {
    const job = await processingJob(jobs, run);
    const sections = inPackageOrder(collected);
    if ((sectionNamed(sections, 'transactionFiles')?.count ?? 0) > MOST_FILES) {
      throw new ExportTooLarge(`One package cannot list more than ${MOST_FILES} files.`);
    }
    const segments = job.exportFormat === 'zip' ? await zipSegments(job, sections) : [];
    const plan: PackagePlan = { collected, segments };
    const key = planKey(run, attemptId);
    await artifacts.write(key, [Buffer.from(JSON.stringify(plan))], 'application/json');
    return { planKey: key, segments: [...segments.keys()], inOnePiece: segments.length <= 1 };
  };
};
