export type { Contracts } from './contracts.ts';
export { coreHandlers } from './exec.ts';
export { connect } from './connect.ts';
export type { Connection } from './connect.ts';
export { openEngine } from './embedded.ts';
export type { Engine, EngineOptions } from './embedded.ts';
export { JournalError, journalExitCodes } from './journal-error.ts';
export { openJournal } from './journal.ts';
