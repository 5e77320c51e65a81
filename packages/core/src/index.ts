export { valuesOf } from './by-actor.ts';
export type { Instant, Json, JsonObject, Ms, Schema } from './json.ts';
export type {
  Body,
  Budget,
  CalledFlows,
  Catch,
  Each,
  Expr,
  Flow,
  FlowCall,
  LentFlow,
  Limit,
  Migration,
  Mode,
  Next,
  Node,
  Retry,
  Tpl,
  WaitEvent,
} from './ir.ts';
export { calledAs } from './ir.ts';
export { hostRequests } from './host-requests.ts';
export type { HostMethod } from './host-requests.ts';
export { artifactSchema } from './artifact.ts';
export type { ArtifactRef } from './artifact.ts';
export { defineHandler, valueRefSchema } from './handler.ts';
export type {
  About,
  Artifacts,
  CallAccount,
  Context,
  Handler,
  HandlerModule,
  ItemCollection,
  Loan,
  LoanedFlow,
  Notes,
  Outputs,
  TypedHandler,
  ValueRef,
  WriteOptions,
} from './handler.ts';
export type {
  FileReport,
  FileStatus,
  ReportedRun,
  ReportedTree,
  ReportPage,
  ReportSection,
  ReportSummary,
  StageHistory,
  StageStatus,
} from './report.ts';
export type { DeadAttempt, DeadLetter, DeadLetterFilter, DeadSelection } from './failures/dead-letter.ts';
export { errorKinds, isServiceError, isTransient, matchesError, StepError, unreachable } from './errors.ts';
export type { ErrorCode, ErrorKind, Failure } from './errors.ts';
export { chunkId, MAX_PRIORITY, NORMAL_PRIORITY, ROOT } from './events.ts';
export type {
  ArtifactRecord,
  AdaptedLimit,
  BreakerStatus,
  ChunkEvent,
  Counts,
  EngineEvent,
  Event,
  ItemRow,
  Recorded,
  ReportEvent,
  ResultRow,
  RunEvent,
  ParentRun,
  RunOptions,
  Sender,
  StartReason,
  StepEvent,
} from './events.ts';
export type { At, Carried } from './carried.ts';
export type { MailEvent, Signal, Subscriber } from './waits/mail-event.ts';
export { charts } from './charts.ts';
export type { Chart, Transition } from './charts.ts';
export { attemptKey } from './commands.ts';
export type { AttemptId, CacheKey, Command, Values } from './commands.ts';
export { accountScope, budgetFailure, budgetsAround, hasBudgets, moveBudgetId } from './budgets/budgeting.ts';
export { parseDuration, parseInstant, parseRate } from './duration.ts';
export { MAX_SIGNALS } from './waits/mail.ts';
export type { Mail } from './waits/mail-event.ts';
export { isQuestion, rolesOf } from './waits/waiting.ts';
export { evolve } from './evolve.ts';
export { decide } from './decide.ts';
export type { DecideOptions } from './decide.ts';
export { CHUNK_SIZE } from './items/fan.ts';
export { DEFAULT_WORKERS } from './items/fanning.ts';
export { carry, collectionElement, jsonOf, readCarried } from './names.ts';
export { outsideMembers } from './outside.ts';
export { childId, childrenOf, partsOf, placeOf, planOf } from './plan.ts';
export { inPages } from './items/rows.ts';
export type { Place, Plan } from './plan.ts';
export { compensationId, parseUndoId, plannedId } from './compensation/undo-id.ts';
export { countUndoable } from './compensation/compensation.ts';
export type { Undoable, UndoCall } from './compensation/compensation-event.ts';
export { MAX_CRASHES } from './scene.ts';
export { GoOn } from './parts/part.ts';
export type { Settings } from './settings.ts';
export type { Note, PartCall, PartResult } from './parts/part.ts';
export { retryAfter } from './failures/retrying.ts';
export type { FailedAttempt, NextTry } from './failures/retrying.ts';
export { addUsage, checkedCost, exceededUnit, noUsage, subtractUsage } from './budgets/usage.ts';
export type { BudgetScope, Cost, Usage } from './budgets/usage.ts';
export { isWithin, iterationOf } from './scopes/visiting.ts';
export { isWanted } from './wanting.ts';
export { noCounts } from './state.ts';
export { decodeState, encodeState, STATE_VERSION } from './state-text.ts';
export type {
  ActorState,
  ChunkKind,
  FannedStep,
  ItemResult,
  ItemState,
  Machine,
  RootKind,
  StateOutput,
  StepState,
  WaitingStep,
} from './state.ts';
export { HostError } from './host.ts';
export type {
  Answered,
  AnswerRequest,
  ArtifactInfo,
  Checkpoint,
  EffectLeft,
  ForkRequest,
  Host,
  ItemOutcome,
  LimitChange,
  MigrateRequest,
  MigrationReport,
  OpenWait,
  PlannedStep,
  AdaptedStatus,
  PoolStatus,
  ResumeAllReport,
  ResumeAllRequest,
  RollbackReport,
  RollbackRequest,
  RunStatus,
  RunSummary,
  Signalled,
  SignalRequest,
  StartRequest,
  Streamed,
} from './host.ts';
export { evolveProgress, PROGRESS_VERSION, showProgress, startProgress } from './progress/progress.ts';
export type { ErrorGroup, Progress, RunUsage, StageProgress, Tally } from './progress/figures.ts';
export type { ProgressView } from './progress/progress.ts';
export { fingerprint } from './progress/fingerprint.ts';
export { afterLoss, evolveMailbox, isFull, isKnown, noMailbox, plainMailbox, settledMessage, settledMessages } from './post/mailbox.ts';
export { nextMessage, overdue, takenBy } from './post/given-out.ts';
export { decodeMailbox, encodeMailbox } from './post/mailbox-text.ts';
export { followingMailbox } from './post/outlived.ts';
export type { HeldMessage, MailboxState, SettledMessage } from './post/mailbox.ts';
export { MAX_MESSAGE_PRIORITY, messageTypes, NORMAL_MESSAGE_PRIORITY } from './post/message.ts';
export type { MailboxSettings, MessageBody, MessageHeader, MessageType, Outcome, PostEvent, Taker } from './post/message.ts';
export type {
  MailboxSummary,
  MessageFilter,
  MessageStatus,
  MessageSummary,
  MessageView,
  RedeliverRequest,
  SendRequest,
  Sent,
} from './post/showing.ts';
export { assignable } from './expr/assignment.ts';
export type { Mismatch } from './expr/assignment.ts';
export { checkExpr } from './expr/check.ts';
export type { Checked, Narrowed } from './expr/check.ts';
export { uncounted } from './expr/counted.ts';
export { evaluate } from './expr/evaluate.ts';
export { ExprFailure } from './expr/failure.ts';
export type { ExprIssue } from './expr/failure.ts';
export {
  any,
  bool,
  boundedType,
  fieldsOf,
  int,
  isNullable,
  listOf,
  literalType,
  membersOf,
  never,
  nullType,
  num,
  str,
  withoutNull,
} from './expr/type.ts';
export type { Field, ObjectType, Type } from './expr/type.ts';
export { joinTypes, nullable } from './expr/join.ts';
export { schemaOfType, typeOfSchema } from './expr/schema-type.ts';
export { closest } from './expr/suggestion.ts';
export { fill } from './expr/template.ts';
export { showType } from './expr/type-text.ts';
export { Collection, MAX_COLLECTION } from './expr/value.ts';
export type { Value } from './expr/value.ts';
export { compareFlows } from './versions/difference.ts';
export type { FlowChange, FlowDifference } from './versions/difference.ts';
export { compareVersions, isCompatible, isRange, isVersion, leastVersion, satisfies } from './versions/version.ts';
export type { Bump } from './versions/version.ts';
export { amend, amendmentsOf, effectiveEvents, foldActor, foldOn, isRollback } from './versions/history.ts';
export type { Amendments } from './versions/history.ts';
export { planMigration } from './versions/migrating.ts';
export type { MigrationPlan } from './versions/migrating.ts';
export { mapPath } from './versions/path-map.ts';
export type { PathMap } from './versions/path-map.ts';
export type { AssumedOutput, CodeChange, FlowIdentity, HandlerVersions, VersionEvent } from './versions/version-event.ts';
export { SECRET_PREFIX, secretNameOf, secretsOf } from './secret.ts';
export type { SecretReference, SecretSource } from './secret.ts';
