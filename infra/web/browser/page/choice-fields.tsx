import type { ExportPreview } from '../../../../shared/api/replies.ts';
import { DATE_PRESET_TEXTS, DATE_PRESETS } from './date-range.ts';
import { TYPE_TEXTS } from './words.ts';
import { EXPORT_TYPES, type DraftProblems, type ExportDraft } from './export-draft.ts';
import { countText } from './quantities.ts';

export interface DraftFieldsProps {
  readonly draft: ExportDraft;
  readonly change: (changes: Partial<ExportDraft>) => void;
}

export const TypeFields = ({ draft, change }: DraftFieldsProps) => (
  <fieldset>
    <legend>What to export</legend>
    <div class="types">
      {EXPORT_TYPES.map((exportType) => (
        <label key={exportType} class="choice">
          <input
            type="radio"
            name="exportType"
            value={exportType}
            checked={draft.exportType === exportType}
            onChange={() => change({ exportType })}
          />
          <span>
            {TYPE_TEXTS[exportType].name}
            <small class="quiet">{TYPE_TEXTS[exportType].what}</small>
          </span>
        </label>
      ))}
    </div>
  </fieldset>
);

interface NamedListProps {
  readonly legend: string;
  readonly all: string;
  readonly items: ExportPreview['accounts'];
  readonly chosen: readonly string[];
  readonly onChange: (ids: readonly string[]) => void;
}

/** Records to choose by name; one without an id cannot be chosen, and one without a name is shown by its id. */
const NamedList = ({ legend, all, items, chosen, onChange }: NamedListProps) => {
  const choosable = items.flatMap(({ id, name }) => (id === null ? [] : [{ id, name: name ?? id }]));
  const toggle = (id: string) =>
    onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <fieldset>
      <legend>
        {legend} <span class="quiet">{chosen.length === 0 ? all : `${countText(chosen.length)} chosen`}</span>
      </legend>
      <div class="names">
        {choosable.map(({ id, name }) => (
          <label key={id} class="choice">
            <input type="checkbox" checked={chosen.includes(id)} onChange={() => toggle(id)} />
            <span>{name}</span>
          </label>
        ))}
        {choosable.length === 0 ? <p class="quiet">There are none.</p> : null}
      </div>
    </fieldset>
  );
};

const DateFields = ({
  draft,
  change,
  problem,
}: DraftFieldsProps & { readonly problem: string | undefined }) => (
  <fieldset>
    <legend>Dates of transactions</legend>
    <div class="row">
      <select
        aria-label="Which dates"
        value={draft.dates}
        onChange={({ currentTarget }) =>
          change({ dates: DATE_PRESETS.find((preset) => preset === currentTarget.value) ?? 'all' })
        }
      >
        {DATE_PRESETS.map((preset) => (
          <option key={preset} value={preset}>
            {DATE_PRESET_TEXTS[preset]}
          </option>
        ))}
      </select>
    </div>
    {draft.dates === 'own' ? (
      <div class="row dates">
        <label>
          From
          <input
            type="date"
            value={draft.from}
            aria-invalid={problem !== undefined}
            aria-describedby="dates-problem"
            onInput={({ currentTarget }) => change({ from: currentTarget.value })}
          />
        </label>
        <label>
          To
          <input
            type="date"
            value={draft.to}
            aria-invalid={problem !== undefined}
            aria-describedby="dates-problem"
            onInput={({ currentTarget }) => change({ to: currentTarget.value })}
          />
        </label>
      </div>
    ) : null}
    <p id="dates-problem" class="problem" aria-live="polite">
      {problem}
    </p>
  </fieldset>
);

interface SelectionFieldsProps extends DraftFieldsProps {
  readonly preview: ExportPreview | undefined;
  /** Whether the names can be read, or will be. */
  readonly isReadable: boolean;
  readonly problems: DraftProblems;
}

/** What a selective export is narrowed to. */
export const SelectionFields = ({ draft, change, preview, isReadable, problems }: SelectionFieldsProps) => (
  <>
    {preview === undefined ? (
      <p class="quiet">
        {isReadable
          ? 'Reading your accounts and categories …'
          : 'Your accounts and categories cannot be read just now, so they cannot be chosen from.'}
      </p>
    ) : (
      <>
        <NamedList
          legend="Accounts"
          all="all, unless you choose"
          items={preview.accounts}
          chosen={draft.accountIds}
          onChange={(accountIds) => change({ accountIds })}
        />
        <NamedList
          legend="Categories"
          all="all, unless you choose"
          items={preview.categories}
          chosen={draft.categoryIds}
          onChange={(categoryIds) => change({ categoryIds })}
        />
      </>
    )}
    <DateFields draft={draft} change={change} problem={problems.dates} />
  </>
);
