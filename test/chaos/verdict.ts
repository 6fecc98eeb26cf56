import type { ClientAccount } from './chaos-client';
import { circumstancesOf } from './circumstances';
import { describe, problemsOf, type ClientCase } from './compare';
import type { LogAccount } from './coturn-log';
import { groupBy } from './group-by';
import type { Away } from './stage';
import type { StoredRecord } from './stored-records';

export interface Evidence {
  readonly accounts: readonly ClientAccount[];
  readonly log: ReadonlyMap<string, LogAccount>;
  readonly records: readonly StoredRecord[];
  readonly away: Away;
}

export interface Verdict {
  readonly cases: readonly ClientCase[];
  /** Sentences. */
  readonly problems: readonly string[];
}

/** Compares record by record. */
export function judge({ accounts, log, records, away }: Evidence): Verdict {
  const byUser = groupBy(records, ({ username }) => username);
  const cases = accounts.map((account) => ({
    account,
    circumstances: circumstancesOf(account, away),
    log: log.get(account.username),
    records: byUser.get(account.username) ?? [],
  }));
  const known = new Set(accounts.map(({ username }) => username));
  return {
    cases,
    problems: [
      ...cases.flatMap((one) => problemsOf(one).map((problem) => `${explain(one)}: ${problem}`)),
      ...records.filter(({ username }) => !known.has(username)).map((record) => `a stranger: ${describe(record)}`),
      ...twice(records.map(({ id }) => id)).map((id) => `two records have the id ${id}`),
    ],
  };
}

function twice(ids: readonly string[]): string[] {
  return ids.filter((id, i) => ids.indexOf(id) !== i);
}

function explain({ account, circumstances }: ClientCase): string {
  const { plan, outcome } = account;
  const { killed, stopped, away, logDamaged } = circumstances;
  const befell = [
    ...(killed === 'no' ? [] : [`coturn killed: ${killed}`]),
    ...(stopped ? ['coturn stopped'] : []),
    ...(away ? ['agent or stats away'] : []),
    ...(logDamaged ? ['disk full'] : []),
  ];
  return `${plan.name} (${plan.transport}, ${outcome}${befell.length > 0 ? `; ${befell.join(', ')}` : ''})`;
}
