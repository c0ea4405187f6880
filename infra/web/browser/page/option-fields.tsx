import type { DraftFieldsProps } from './choice-fields.tsx';
import { DESCRIPTION_LIMIT, takesAnalytics, takesCsv, type DraftProblems } from './export-draft.ts';

const FORMATS = [
  { exportFormat: 'zip', name: 'ZIP package', what: 'With your uploaded statement files' },
  { exportFormat: 'json', name: 'One JSON document', what: 'For programs; without the files' },
] as const;

const FormatFields = ({ draft, change }: DraftFieldsProps) => (
  <fieldset>
    <legend>Format</legend>
    <div class="types">
      {FORMATS.map(({ exportFormat, name, what }) => (
        <label key={exportFormat} class="choice">
          <input
            type="radio"
            name="exportFormat"
            checked={draft.exportFormat === exportFormat}
            onChange={() => change({ exportFormat })}
          />
          <span>
            {name}
            <small class="quiet">{what}</small>
          </span>
        </label>
      ))}
    </div>
  </fieldset>
);

const ExtraFields = ({ draft, change }: DraftFieldsProps) => (
  <fieldset>
    <legend>Also include</legend>
    <label class="choice">
      <input
        type="checkbox"
        disabled={!takesCsv(draft)}
        checked={draft.includeCsv && takesCsv(draft)}
        onChange={({ currentTarget }) => change({ includeCsv: currentTarget.checked })}
      />
      <span>
        Tables for spreadsheets (CSV)
        {takesCsv(draft) ? null : <small class="quiet">Only in a ZIP package</small>}
      </span>
    </label>
    <label class="choice">
      <input
        type="checkbox"
        disabled={!takesAnalytics(draft)}
        checked={draft.includeAnalytics && takesAnalytics(draft)}
        onChange={({ currentTarget }) => change({ includeAnalytics: currentTarget.checked })}
      />
      <span>
        Analytics the application has computed
        {takesAnalytics(draft) ? null : <small class="quiet">Only with everything or a selection</small>}
      </span>
    </label>
  </fieldset>
);

/** What few people change. */
export const OptionFields = ({
  draft,
  change,
  problems,
}: DraftFieldsProps & { readonly problems: DraftProblems }) => (
  <details class="options">
    <summary>More options</summary>
    <div class="stack">
      <FormatFields draft={draft} change={change} />
      <ExtraFields draft={draft} change={change} />
      <div class="field">
        <label for="description">A note to yourself</label>
        <textarea
          id="description"
          rows={2}
          value={draft.description}
          maxlength={DESCRIPTION_LIMIT}
          aria-describedby="description-hint"
          onInput={({ currentTarget }) => change({ description: currentTarget.value })}
        />
        <p id="description-hint" class="quiet small">
          {problems.description ?? 'It is shown in the list, so that you find this export again.'}
        </p>
      </div>
    </div>
  </details>
);
