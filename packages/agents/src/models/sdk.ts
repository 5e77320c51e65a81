/**
 * The libraries that speak to services, loaded when a model is called for the first time: most commands call none, and
 * loading them takes longer than all else that such a command does.
 */

import { createRequire } from 'node:module';
import type * as AnthropicSdk from '@ai-sdk/anthropic';
import type * as GoogleSdk from '@ai-sdk/google';
import type * as OpenAiSdk from '@ai-sdk/openai';
import type * as CompatibleSdk from '@ai-sdk/openai-compatible';
import type * as Prices from '@pydantic/genai-prices';
import type * as Sdk from 'ai';

const load = createRequire(import.meta.url);

export const sdk = (): typeof Sdk => load('ai') as typeof Sdk;
export const anthropic = (): typeof AnthropicSdk => load('@ai-sdk/anthropic') as typeof AnthropicSdk;
export const google = (): typeof GoogleSdk => load('@ai-sdk/google') as typeof GoogleSdk;
export const openai = (): typeof OpenAiSdk => load('@ai-sdk/openai') as typeof OpenAiSdk;
export const compatible = (): typeof CompatibleSdk => load('@ai-sdk/openai-compatible') as typeof CompatibleSdk;
export const prices = (): typeof Prices => load('@pydantic/genai-prices') as typeof Prices;
