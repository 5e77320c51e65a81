export { fails, kills, loses, takes } from './answer.ts';
export type { Answer, Answering, Call, Script, Special } from './answer.ts';
export type { AttemptRecord } from './attempt-history.ts';
export type { FlowSource } from './compiling.ts';
export { exampleOf } from './example.ts';
export type { CommitFault } from './fault.ts';
export { rehearse } from './rehearsal.ts';
export type { AnswerOptions, RecordedOf, Rehearsal, RehearsalOptions, RunOutcome } from './rehearsal.ts';
export type { CallRecord } from './stand-in.ts';
