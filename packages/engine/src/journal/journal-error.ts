/**
 * What can go wrong with the store itself. None of it can be mended by trying again in the same process: the engine ends
 * with the code's exit status, and the next start recovers from what is on the disk.
 */
export type JournalFault =
  /** Another engine has taken the store over; nothing of the batch was written. */
  | 'fenced'
  /** The disk failed during a commit, which may or may not have happened: only the next start can tell. */
  | 'halted'
  /** What is stored is not what was written. */
  | 'damaged'
  /** This Node, or this version of the project, cannot work with the store. */
  | 'unsupported';

export const journalExitCodes: { readonly [fault in JournalFault]: number } = { halted: 70, fenced: 71, damaged: 72, unsupported: 73 };

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
