import { useEffect, useRef } from 'preact/hooks';
import type { ExportStatusReply } from '../../../../shared/api/replies.ts';
import { SECTIONS } from '../../../../shared/domain/sections.ts';
import type { Advance } from './time-left.ts';
import { timeLeft, timeLeftText } from './time-left.ts';
import { countText } from './quantities.ts';
import { useNow } from './hooks.ts';
import { useServices } from './services.ts';
import { PHASE_TEXTS, PHASES, SECTION_TEXTS } from './words.ts';

const Phases = ({ current }: { readonly current: ExportStatusReply['currentPhase'] }) => {
  const at = PHASES.findIndex((phase) => phase === current);
  return (
    <ol class="phases">
      {PHASES.map((phase, index) => (
        <li
          key={phase}
          class={index < at ? 'done' : index === at ? 'current' : 'ahead'}
          {...(index === at ? { 'aria-current': 'step' as const } : {})}
        >
          {PHASE_TEXTS[phase]}
          {index < at ? <span class="visually-hidden"> (done)</span> : null}
        </li>
      ))}
    </ol>
  );
};

const SectionCounts = ({ sections }: { readonly sections: ExportStatusReply['sections'] }) => (
  <dl class="sections">
    {SECTIONS.map((section) => {
      const progress = sections[section];
      return progress === undefined ? null : (
        <div key={section}>
          <dt class="quiet">{SECTION_TEXTS[section]}</dt>
          <dd class="figures">
            {countText(progress.count)}
            {progress.done ? <span class="tick">read</span> : ' so far'}
          </dd>
        </div>
      );
    })}
  </dl>
);

/** Each phase once, so that who listens is told as much as who looks. */
const useSpokenPhase = (phase: ExportStatusReply['currentPhase']): void => {
  const { announce } = useServices();
  const spoken = useRef<string>(undefined);
  useEffect(() => {
    if (phase === null || spoken.current === phase) return;
    spoken.current = phase;
    announce(PHASE_TEXTS[phase]);
  }, [phase]);
};

interface ExportProgressProps {
  readonly status: ExportStatusReply;
  readonly advances: readonly Advance[];
}

/** How far a running export is. */
export const ExportProgress = ({ status, advances }: ExportProgressProps) => {
  const now = useNow(1000);
  useSpokenPhase(status.currentPhase);
  const left = timeLeft(Date.parse(status.requestedAt), advances, now);
  return (
    <div class="stack">
      <div class="progress-line">
        <progress value={status.progress} max={100} aria-label="Progress of the export" />
        <span class="figures">{status.progress} %</span>
      </div>
      <p class="quiet">{status.status === 'initiated' ? 'Waiting to begin' : timeLeftText(left)}</p>
      <Phases current={status.currentPhase} />
      <SectionCounts sections={status.sections} />
      <p class="quiet small">You can close this page. The export goes on, and waits for you in the list.</p>
    </div>
  );
};
