/** What the facts about definitions and code of a run change in the tables of `folds.sql`. */

import type { DatabaseSync } from 'node:sqlite';
import { unreachable } from '@scriptorium/core';
import type { VersionEvent } from '@scriptorium/core';
import type { JournalEvent, Place } from './journal-event.ts';

const types: { readonly [type in VersionEvent['type']]: true } = {
  'run.parked': true,
  'run.code_changed': true,
  'run.migrated': true,
  'run.forked': true,
  'run.rolled_back': true,
  'actor.migrated': true,
  'actor.rolled_back': true,
};

export function isVersionEvent(event: JournalEvent): event is VersionEvent {
  return Object.hasOwn(types, event.type);
}

export function versionFolds(db: DatabaseSync): (place: Place, event: VersionEvent) => void {
  const setStatus = db.prepare('UPDATE runs SET status = ? WHERE run = ?');
  const migrate = db.prepare(
    `UPDATE runs SET version = ?2, hash = ?3, options = json_set(options, '$.modules', json(?4)), migrations = json_insert(migrations, '$[#]', json(?5)) WHERE run = ?1`,
  );
  const fork = db.prepare(
    `UPDATE runs SET status = 'running', cancelling = 0, started_at = ?2, started_by = ?3, input = ifnull(?4, input), parent = NULL, forked_from = ?5, options = json_patch(options, ?6) WHERE run = ?1`,
  );
  const rollBack = db.prepare(
    `UPDATE runs SET status = 'interrupted', cancelling = ?4, ended_at = NULL, output = NULL, error = NULL, last = NULL, version = ?2, hash = ?3 WHERE run = ?1`,
  );
  const erase = db.prepare(`UPDATE runs SET rollbacks = json_insert(rollbacks, '$[#]', json(?2)) WHERE run = ?1`);
  const reopen = db.prepare('INSERT OR IGNORE INTO open_chunks VALUES (?, ?)');
  const share = db.prepare('UPDATE artifacts SET origin = ?2 WHERE run = ?1 AND origin IS NULL');
  const disown = db.prepare('DELETE FROM artifacts WHERE run = ?1 AND path IN (SELECT value FROM json_each(?2))');
  const forget = ({ run, actor, seq }: Place, to: number, files: readonly string[]): void => {
    erase.run(run, JSON.stringify({ actor, after: to, before: seq }));
    if (files.length > 0) disown.run(run, JSON.stringify(files));
  };
  return (place, event) => {
    const { run, actor, gseq, seq, at } = place;
    switch (event.type) {
      case 'run.parked':
        setStatus.run('parked', run);
        break;
      case 'run.migrated': {
        const { flow, modules, map } = event;
        migrate.run(run, flow.version, flow.hash, JSON.stringify(modules), JSON.stringify({ gseq, seq, map }));
        break;
      }
      case 'run.forked':
        fork.run(run, at, event.by, event.input === null ? null : JSON.stringify(event.input), event.parent, settingsPatch(event));
        share.run(run, event.parent);
        break;
      case 'run.rolled_back':
        rollBack.run(run, event.flow.version, event.flow.hash, event.cancelling === true ? 1 : 0);
        forget(place, event.to, event.files);
        break;
      case 'actor.rolled_back':
        reopen.run(run, actor);
        forget(place, event.to, event.files);
        break;
      case 'run.code_changed':
      case 'actor.migrated':
        break;
      default:
        unreachable(event);
    }
  };
}

/** RFC 7396, by which SQLite changes the options: null takes a setting away. */
function settingsPatch({ settings }: Extract<VersionEvent, { type: 'run.forked' }>): string {
  return JSON.stringify(settings === undefined ? {} : { settings });
}
