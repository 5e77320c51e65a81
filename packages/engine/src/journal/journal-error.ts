/**
 * What can go wrong with the store itself. None of it can be mended by trying again in the same process: the engine ends
 * with the code's exit status, and the next start recovers from what is on the disk.
 */
export type JournalFault =
  /** The disk failed during a commit, which may or may not have happened: only the next start can tell. */
  | 'halted'
  /** Another engine has taken the store over; nothing of the batch was written. */
  | 'fenced'
  /** The structure of the file is broken, or what is in it cannot be read. */
  | 'damaged'
  /** This Node brings a SQLite that cannot work with stores. */
  | 'unsupported'
  /** The store lies where SQLite's locks and logs cannot be relied on. */
  | 'misplaced'
  /** There is no space left, or not enough to begin. */
  | 'full'
  /** Events that were acknowledged are not there any more. */
  | 'lost'
  /** An event is not what was written. */
  | 'altered'
  /** Another version of the project wrote the store, or the file is no store. */
  | 'format'
  /** The file system does not let this user read and write the store. */
  | 'denied';

export const journalExitCodes: { readonly [fault in JournalFault]: number } = {
  halted: 70,
  fenced: 71,
  damaged: 72,
  unsupported: 73,
  misplaced: 74,
  full: 75,
  lost: 76,
  altered: 77,
  format: 78,
  denied: 79,
};

/** What to do about a store whose contents cannot be trusted. */
export const restoreFix = 'Put a backup in its place with `scriptorium restore`, or start with another store: `--home <dir>`.';

export class JournalError extends Error {
  readonly fault: JournalFault;
  readonly fix: string;

  constructor(fault: JournalFault, message: string, fix: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'JournalError';
    this.fault = fault;
    this.fix = fix;
  }
}
