export { defineTool } from './tools/define-tool.ts';
export type { ToolDefinition } from './tools/define-tool.ts';
export { offeredBy, pinOf } from './tools/mcp.ts';
export type { McpServer } from './tools/mcp.ts';
export type { ToolSources } from './tools/sources.ts';
export type { FlowTool, LocalTool, Reach, Tool, ToolContext } from './tools/tool.ts';
export { toolsOf } from './tools/toolbox.ts';
export type { NotedAnswer } from './tools/answers.ts';
export { toolFlows } from './tools/tool-flows.ts';
