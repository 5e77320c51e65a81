export type {
  CallOptions,
  ImagePart,
  Message,
  Model,
  ModelReply,
  ModelRequest,
  Models,
  ModelSettings,
  ModelUsage,
  ToolCall,
  ToolResult,
  ToolSpec,
} from './models/model.ts';
export { createAgent } from './agent/agent.ts';
export type { AgentInput } from './agent/agent.ts';
export { agentModule, modelsOf } from './module.ts';
export type { AgentOptions } from './module.ts';
export { reportAgents } from './measuring/figures.ts';
export type { AgentFigures, AgentReport, ScoreFigures } from './measuring/figures.ts';
export { compareCohort } from './measuring/cohort.ts';
export type { Cohort, CohortItem, CohortRun, CohortWork, ItemFigures } from './measuring/cohort.ts';
export type { Pairing } from './measuring/pairing.ts';
export { criticalPath } from './measuring/critical-path.ts';
export type { PathPiece } from './measuring/critical-path.ts';
export { defineScorer } from './scoring/scorer.ts';
export type { Scored, ScorerDefinition, ScorerInput } from './scoring/scorer.ts';
export { AGENTS, settingProblem } from './agent/settings.ts';
export { createModels } from './models/models.ts';
export type { ModelsOptions } from './models/models.ts';
export { entryProblem } from './models/entry.ts';
export type { ModelEntry } from './models/entry.ts';
export { serverOf, serverProblem } from './tools/server-entry.ts';
export type { McpEntry } from './tools/server-entry.ts';
export type { Price } from './models/price.ts';
export { OFFLINE_LABEL, offlineModel } from './models/offline/offline.ts';
export type { ToolAnswer } from './tools/answers.ts';
export type { OpenToolbox, Taken, Toolbox, ToolboxContext } from './tools/toolbox.ts';
