export type { Contracts } from './contracts.ts';
export { coreHandlers } from './exec.ts';
export { connect } from './connect.ts';
export type { Connection } from './connect.ts';
export { openEngine } from './embedded.ts';
export type { Engine } from './embedded.ts';
export type { EngineOptions } from './parts.ts';
export { JournalError, journalExitCodes } from './journal-error.ts';
export { openJournal } from './journal.ts';
