import { useState } from 'preact/hooks';
import { bytesText, counted, countText, dayText } from './figures.ts';
import type { Ask } from './package-session.ts';
import type { Household, ShownFile } from './protocol.ts';
import { statementKind } from './statement-content.ts';
import { useStatement, type Statements } from './use-statement.tsx';
import { codeWords } from './words.ts';

const SHOWN_AT_FIRST = 100;

const OPENING = { text: 'Show', pdf: 'Open' } as const;

const Actions = ({ file, statements }: { readonly file: ShownFile; readonly statements: Statements }) => {
  if (file.path === '') return <span class="quiet">{codeWords(file.omission)}</span>;
  const kind = statementKind(file.path);
  return (
    <span class="actions">
      {kind !== 'other' && (
        <button type="button" class="small" onClick={() => statements.open(file.path)}>
          {OPENING[kind]}
          <span class="visually-hidden"> {file.name}</span>
        </button>
      )}
      <button type="button" class="small" onClick={() => statements.save(file.path)}>
        Save<span class="visually-hidden"> {file.name}</span>
      </button>
    </span>
  );
};

const FilesTable = (props: {
  readonly files: readonly ShownFile[];
  readonly accountNames: ReadonlyMap<string, string>;
  readonly statements: Statements;
}) => (
  <div class="table-frame" tabIndex={0} role="region" aria-label="Statement files">
    <table class="plain-table">
      <thead>
        <tr>
          <th scope="col">File</th>
          <th scope="col">Uploaded</th>
          <th scope="col">Account</th>
          <th scope="col" class="number">
            Transactions
          </th>
          <th scope="col" class="number">
            Size
          </th>
          <th scope="col">
            <span class="visually-hidden">What to do</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.files.map((file) => (
          <tr key={file.id}>
            <th scope="row">
              <bdi class="file-name">{file.name === '' ? file.id : file.name}</bdi>
            </th>
            <td class="day">{dayText(file.uploadedAt, '')}</td>
            <td>
              <bdi>{props.accountNames.get(file.accountId) ?? ''}</bdi>
            </td>
            <td class="number">{countText(file.transactions)}</td>
            <td class="number">{bytesText(file.bytes)}</td>
            <td>
              <Actions file={file} statements={props.statements} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** The uploaded statement files: each can be shown, opened or saved. */
export const StatementFiles = ({ household, ask }: { readonly household: Household; readonly ask: Ask }) => {
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const statements = useStatement(ask);
  const { files, accounts } = household;
  const left = files.length - shown;
  return (
    <section class="card">
      <h2>Statement files</h2>
      {files.length === 0 ? (
        <p class="quiet">No statement files are in this package.</p>
      ) : (
        <FilesTable
          files={files.slice(0, shown)}
          accountNames={new Map(accounts.map(({ id, name }) => [id, name]))}
          statements={statements}
        />
      )}
      {left > 0 && (
        <p>
          <button type="button" onClick={() => setShown(shown + SHOWN_AT_FIRST)}>
            Show more ({counted(left, 'file')} left)
          </button>
        </p>
      )}
      <p role="alert">{statements.failure}</p>
      {statements.dialog}
    </section>
  );
};
