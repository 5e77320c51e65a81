/**
 * Collects garbage and dies, as by SIGKILL, at the n-th moment: before one of the changes that become durable.
 * Arguments: store, now, n.
 */

import { DatabaseSync, StatementSync } from 'node:sqlite';
import { collectGarbage } from '@scriptorium/engine';

const [home = '', now = '0', at = '0'] = process.argv.slice(2);
let moments = 0;

function moment(): void {
  if ((moments += 1) === Number(at)) process.kill(process.pid, 'SIGKILL');
}

const DURABLE = /COMMIT|VACUUM|wal_checkpoint/;

function around<This>(sql: string, work: () => This): This {
  if (DURABLE.test(sql)) moment();
  return work();
}

const runStatement = Object.getOwnPropertyDescriptor(StatementSync.prototype, 'run')?.value as (...values: unknown[]) => unknown;
Object.defineProperty(StatementSync.prototype, 'run', {
  value(this: StatementSync, ...values: unknown[]) {
    return around(this.sourceSQL, () => runStatement.apply(this, values));
  },
});
const execute = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, 'exec')?.value as (sql: string) => void;
Object.defineProperty(DatabaseSync.prototype, 'exec', {
  value(this: DatabaseSync, sql: string) {
    around(sql, () => execute.call(this, sql));
  },
});

collectGarbage(home, {
  olderThanMs: 0,
  keep: 0,
  forgetAfterMs: null,
  dryRun: false,
  purge: true,
  by: 'test',
  now: Number(now),
  eventsAtOnce: 3,
});
