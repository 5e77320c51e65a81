export type { Contracts } from './contracts.ts';
export { openEngine } from './embedded.ts';
export type { Engine, EngineOptions } from './embedded.ts';
export { JournalError, journalExitCodes } from './journal-error.ts';
export { openJournal } from './journal.ts';
