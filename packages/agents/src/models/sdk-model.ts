/**
 * A model behind the AI SDK, as one call of the port: streamed, never tried again, ended by its own timeouts or the
 * signal. Tools are described to the model and done by nobody here.
 */

import { StepError } from '@scriptorium/core';
import type { Json, Schema } from '@scriptorium/core';
import type { LanguageModel, LanguageModelUsage, ModelMessage, ToolSet } from 'ai';
import { failureOf } from './failure.ts';
import type { CallOptions, Message, Model, ModelReply, ModelRequest, ModelUsage, ToolCall } from './model.ts';
import { createPatience } from './patience.ts';
import type { CallTimeouts, Patience } from './patience.ts';
import { MAX_OUTPUT_TOKENS, mostTokens, priceOf } from './price.ts';
import type { Price } from './price.ts';
import { sdk } from './sdk.ts';
import { strictSchema } from './strict-schema.ts';
import type { StrictSchema } from './strict-schema.ts';

export interface SdkModelOptions {
  readonly provider: string;
  readonly model: string;
  /** Asked for at the first call. */
  readonly language: () => LanguageModel;
  /** In place of the known prices. */
  readonly price: Price | null;
  readonly timeouts: CallTimeouts;
}

export function createSdkModel(options: SdkModelOptions): Model {
  const { provider, model, price } = options;
  const name = `${provider}/${model}`;
  return {
    name,
    most: (request) => {
      const { input, output } = mostTokens(request);
      const usage = { input, cachedInput: 0, output, reasoning: 0 };
      return { tokens: input + output, usd: priceOf(provider, model, usage, price) ?? 0 };
    },
    call: async (request, call) => {
      const language = options.language();
      const patience = createPatience(name, options.timeouts);
      try {
        return await callOnce({ ...options, language }, name, request, call, patience);
      } catch (error) {
        throw namedFailure(failureOf(patience.signal.aborted ? patience.signal.reason : error, name), name);
      } finally {
        patience.end();
      }
    },
  };
}

/** Which of several models it was, for those who count. */
function namedFailure(failure: StepError, model: string): StepError {
  const { code, message, fix, retryAfterMs, details } = failure;
  return new StepError(code, message, {
    cause: failure,
    details: { ...details, model },
    ...(fix === undefined ? {} : { fix }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

async function callOnce(
  { provider, model, language, price }: Omit<SdkModelOptions, 'language'> & { readonly language: LanguageModel },
  name: string,
  request: ModelRequest,
  { signal, onText, idempotencyKey }: CallOptions,
  patience: Patience,
): Promise<ModelReply> {
  const { system, settings, returns } = request;
  const startedAt = performance.now();
  let firstAt: number | null = null;
  const failed: { error?: Error } = {};
  const { jsonSchema, Output, streamText } = sdk();
  const strictOf = (schema: Schema): StrictSchema | null => (STRICT.has(provider) ? strictSchema(schema) : null);
  const strict = returns === null ? null : strictOf(returns);
  const strictTools = STRICT.has(provider) ? new Map(request.tools.map((spec) => [spec.name, strictOf(spec.input)])) : null;
  const result = streamText({
    model: language,
    ...(system === '' ? {} : { system }),
    messages: request.messages.flatMap(sdkMessages),
    maxOutputTokens: settings.maxOutputTokens ?? MAX_OUTPUT_TOKENS,
    ...(settings.temperature === undefined ? {} : { temperature: settings.temperature }),
    ...(settings.seed === undefined ? {} : { seed: settings.seed }),
    ...(request.tools.length === 0 ? {} : { tools: toolsOf(request, strictTools) }),
    ...(returns === null ? {} : { output: Output.object({ schema: jsonSchema((strict?.schema ?? returns) as never) }) }),
    ...(STRICT.has(provider) ? { providerOptions: { [provider]: { strictJsonSchema: strict !== null } } } : {}),
    headers: { 'idempotency-key': idempotencyKey },
    maxRetries: 0,
    abortSignal: AbortSignal.any([signal, patience.signal]),
    onError: ({ error }) => void (failed.error = asError(error)),
  });
  let text = '';
  const calls: ToolCall[] = [];
  for await (const part of result.stream) {
    if (part.type === 'start' || part.type === 'start-step') continue;
    firstAt ??= performance.now();
    patience.heard();
    if (part.type === 'text-delta') {
      text += part.text;
      onText(part.text);
    } else if (part.type === 'tool-call') {
      const [tool, input] = [part.toolName, part.input as Json];
      calls.push({ id: part.toolCallId, tool, input: strictTools?.get(tool)?.restored(input) ?? input });
    } else if (part.type === 'error') failed.error = asError(part.error);
    else if (part.type === 'abort') failed.error ??= new StepError('cancelled', `the call of ${name} was ended`);
  }
  if (failed.error !== undefined) throw failed.error;
  const usage = usageOf(await result.totalUsage);
  const finish = await result.finishReason;
  if (finish === 'content-filter')
    throw new StepError('agent.refused', `${name} refused to answer`, { details: { text: text.slice(0, 1_000) } });
  if (finish === 'length' && calls.length === 0)
    throw new StepError('agent.length', `${name} stopped after ${usage.output} tokens, in the midst of its answer`, {
      fix: 'Allow more with `maxOutputTokens`, or ask for less at once.',
    });
  const ms = performance.now() - startedAt;
  return {
    text,
    ...(returns === null ? {} : restoredValue(text, strict)),
    calls,
    usage,
    usd: priceOf(provider, model, usage, price),
    by: name,
    ms: Math.round(ms),
    firstMs: Math.round((firstAt ?? performance.now()) - startedAt),
  };
}

/** `strict` is null for a service that knows no such thing; another one takes it for granted where it is not told. */
function toolsOf({ tools }: ModelRequest, strict: ReadonlyMap<string, StrictSchema | null> | null): ToolSet {
  const { jsonSchema, tool } = sdk();
  return Object.fromEntries(
    tools.map(({ name, doc: description, input }) => {
      const held = strict?.get(name) ?? null;
      const inputSchema = jsonSchema((held?.schema ?? input) as never);
      return [name, tool({ description, inputSchema, ...(strict === null ? {} : { strict: held !== null }) })];
    }),
  );
}

function sdkMessages(message: Message): ModelMessage[] {
  switch (message.role) {
    case 'user':
      return [
        {
          role: 'user',
          content: [
            { type: 'text', text: message.text },
            ...(message.images ?? []).map(({ mediaType, data }) => ({ type: 'file' as const, data, mediaType })),
          ],
        },
      ];
    case 'assistant':
      return [
        {
          role: 'assistant',
          content: [
            ...(message.text === '' ? [] : [{ type: 'text' as const, text: message.text }]),
            ...message.calls.map(({ id, tool: toolName, input }) => ({ type: 'tool-call' as const, toolCallId: id, toolName, input })),
          ],
        },
      ];
    case 'tool':
      return [
        {
          role: 'tool',
          content: message.results.map(({ id, tool: toolName, output, isError }) => ({
            type: 'tool-result' as const,
            toolCallId: id,
            toolName,
            output: { type: isError ? ('error-json' as const) : ('json' as const), value: output as never },
          })),
        },
      ];
  }
}

/** What a service does not say counts as none. */
function usageOf({ inputTokens, inputTokenDetails, outputTokens, outputTokenDetails }: LanguageModelUsage): ModelUsage {
  return {
    input: inputTokens ?? 0,
    cachedInput: inputTokenDetails?.cacheReadTokens ?? 0,
    output: outputTokens ?? 0,
    reasoning: outputTokenDetails?.reasoningTokens ?? 0,
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Services that hold their models to a schema letter by letter, where they are asked to. */
const STRICT: ReadonlySet<string> = new Set(['openai', 'compatible']);

function restoredValue(text: string, strict: StrictSchema | null): { readonly value?: Json } {
  const found = valueOf(text);
  return strict === null || found.value === undefined ? found : { value: strict.restored(found.value) };
}

/** Also out of a fence of Markdown, which models like to put around it. */
function valueOf(text: string): { readonly value?: Json } {
  const inner = /^\s*```(?:json)?\s*\n([\s\S]*?)\n```\s*$/.exec(text)?.[1] ?? text;
  try {
    return { value: JSON.parse(inner) as Json };
  } catch {
    return {};
  }
}
