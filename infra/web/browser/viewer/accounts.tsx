import type { Manifest } from '../../../../shared/domain/manifest.ts';
import { amountText, countText } from './figures.ts';
import type { ShownAccount } from './protocol.ts';

interface AccountsProps {
  readonly accounts: readonly ShownAccount[];
  readonly totals: Manifest['controlTotals'];
  readonly onShow: (accountId: string) => void;
}

const inWords = (text: string): string => text.replaceAll('_', ' ');

const AccountsTable = ({ accounts, onShow }: Omit<AccountsProps, 'totals'>) => (
  <div class="table-frame" tabIndex={0} role="region" aria-label="Accounts">
    <table class="plain-table">
      <thead>
        <tr>
          <th scope="col">Account</th>
          <th scope="col">Kind</th>
          <th scope="col">Bank</th>
          <th scope="col" class="number">
            Balance
          </th>
          <th scope="col">
            <span class="visually-hidden">What to do</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {accounts.map(({ id, name, type, institution, balance, currency, isActive }) => (
          <tr key={id}>
            <th scope="row">
              <bdi>{name === '' ? id : name}</bdi>
              {!isActive && <span class="quiet"> (closed)</span>}
            </th>
            <td>{inWords(type)}</td>
            <td>
              <bdi>{institution}</bdi>
            </td>
            <td class="number">
              {amountText(balance)} {currency}
            </td>
            <td class="number">
              <button type="button" class="small" onClick={() => onShow(id)}>
                Show transactions<span class="visually-hidden"> of {name}</span>
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const Totals = ({ accounts, totals }: Omit<AccountsProps, 'onShow'>) => {
  const names = new Map(accounts.map(({ id, name }) => [id, name]));
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label="Sums of the transactions">
      <table class="plain-table">
        <thead>
          <tr>
            <th scope="col">Account</th>
            <th scope="col">Currency</th>
            {['Transactions', 'Money in', 'Money out', 'Net', 'Last balance'].map((title) => (
              <th key={title} scope="col" class="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {totals.map(({ accountId, currency, count, credits, debits, net, lastBalance }) => (
            <tr key={JSON.stringify([accountId, currency])}>
              <th scope="row">
                <bdi>{names.get(accountId) ?? (accountId === '' ? 'No account' : accountId)}</bdi>
              </th>
              <td>{currency ?? 'None'}</td>
              <td class="number">{countText(count)}</td>
              {[credits, debits, net].map((sum, at) => (
                <td key={at} class="number">
                  {amountText(sum)}
                </td>
              ))}
              <td class="number">{lastBalance === null ? '–' : amountText(lastBalance)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

/** The accounts, and what the transactions of each add up to by the manifest. */
export const Accounts = ({ accounts, totals, onShow }: AccountsProps) => (
  <>
    <section class="card">
      <h2>Accounts</h2>
      {accounts.length === 0 ? (
        <p class="quiet">No accounts are in this package.</p>
      ) : (
        <AccountsTable accounts={accounts} onShow={onShow} />
      )}
    </section>
    {totals.length > 0 && (
      <section class="card">
        <h2>What the transactions add up to</h2>
        <p class="quiet">
          By account and currency, in exact decimals. The last balance is what the bank told with the last
          transaction that has one.
        </p>
        <Totals accounts={accounts} totals={totals} />
      </section>
    )}
  </>
);
