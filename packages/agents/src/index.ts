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
export type { Reach, Tool, ToolContext } from './tools/tool.ts';
