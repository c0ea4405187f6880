import { useEffect, useState } from 'preact/hooks';
import { Dialog } from './dialog.tsx';
import { amountWithCurrency, dayText, momentText } from './figures.ts';
import type { Ask } from './package-session.ts';
import type { Household, TransactionLine } from './protocol.ts';
import { recordFields, type RecordField } from './record-fields.ts';
import { statementKind } from './statement-content.ts';
import type { Names } from './transaction-table.tsx';
import type { Statements } from './use-statement.tsx';

const INSTANTS: ReadonlySet<string> = new Set(['date', 'createdAt', 'updatedAt']);

interface TransactionDetailsProps {
  readonly ask: Ask;
  readonly line: TransactionLine;
  readonly household: Household;
  readonly names: Names;
  readonly statements: Statements;
  readonly onClose: () => void;
}

const fieldsOf = (json: string): RecordField[] => {
  try {
    return recordFields(json);
  } catch {
    return [{ name: 'record', text: json, isNested: true }];
  }
};

const Field = ({ name, text, isNested }: RecordField) => (
  <div>
    <dt>{name}</dt>
    <dd>
      {isNested ? <pre>{text}</pre> : <bdi>{text}</bdi>}
      {INSTANTS.has(name) && /^\d+$/.test(text) && <span class="quiet"> {momentText(Number(text))}</span>}
    </dd>
  </div>
);

const Source = ({
  fields,
  household,
  statements,
}: Pick<TransactionDetailsProps, 'household' | 'statements'> & {
  readonly fields: readonly RecordField[];
}) => {
  const id = fields.find(({ name }) => name === 'fileId')?.text;
  const file = household.files.find((one) => one.id === id);
  if (file === undefined) return <p class="quiet">No statement file is named as its source.</p>;
  return (
    <p>
      It came from the statement file <bdi>{file.name}</bdi>.{' '}
      {file.path === '' ? (
        <span class="quiet">The file itself is not in this package.</span>
      ) : (
        <button type="button" class="small" onClick={() => statements.open(file.path)}>
          {statementKind(file.path) === 'other' ? 'Save the file' : 'Open the file'}
        </button>
      )}
    </p>
  );
};

/** One transaction with all that is stored of it. */
export const TransactionDetails = (props: TransactionDetailsProps) => {
  const { ask, line, household, names, statements, onClose } = props;
  const [fields, setFields] = useState<readonly RecordField[]>([]);
  useEffect(() => {
    let isWanted = true;
    void ask('record', line.row).then((found) => {
      if (isWanted && found !== null) setFields(fieldsOf(found.answer));
    });
    return () => {
      isWanted = false;
    };
  }, [ask, line.row]);
  return (
    <Dialog title={line.description === '' ? 'Transaction' : line.description} onClose={onClose}>
      <p class="amount figures">{amountWithCurrency(line.amount, line.currency)}</p>
      <p>
        {[dayText(line.date), names.accounts.get(line.accountId), names.categories.get(line.categoryId)]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {fields.length > 0 && <Source fields={fields} household={household} statements={statements} />}
      <h3>Everything that is stored</h3>
      <dl class="facts stored">
        {fields.map((field) => (
          <Field key={field.name} {...field} />
        ))}
      </dl>
    </Dialog>
  );
};
