/** Models by name: `offline`, an alias of the configuration, or `provider/model`. */

import { StepError } from '@scriptorium/core';
import type { Fetch } from '@scriptorium/cassettes';
import type { LanguageModel } from 'ai';
import type { ModelEntry, Provider } from './entry.ts';
import type { Model, Models } from './model.ts';
import { callTimeouts } from './patience.ts';
import { anthropic, compatible, google, openai } from './sdk.ts';
import { createSdkModel } from './sdk-model.ts';

export interface ModelsOptions {
  readonly env: { readonly [name: string]: string | undefined };
  /** By the names that flows use. */
  readonly entries: { readonly [name: string]: ModelEntry };
  /** Models that are part of the program, such as `offline`. */
  readonly own: readonly Model[];
  readonly fetch: Fetch;
  /** Nobody is asked who would want a key: answers come from a recording. */
  readonly isReplay?: boolean;
}

const keys = { openai: 'OPENAI_API_KEY', anthropic: 'ANTHROPIC_API_KEY', google: 'GOOGLE_GENERATIVE_AI_API_KEY', compatible: '' } as const;
const addresses = {
  openai: 'OPENAI_BASE_URL',
  anthropic: 'ANTHROPIC_BASE_URL',
  google: 'GOOGLE_BASE_URL',
  compatible: 'SCRIPTORIUM_MODEL_URL',
} as const;

export function createModels(options: ModelsOptions): Models {
  const known = new Map<string, Model>(options.own.map((model) => [model.name, model]));
  return {
    find: (name) => {
      const found = known.get(name) ?? made(options, name);
      known.set(name, found);
      return found;
    },
  };
}

function made(options: ModelsOptions, name: string): Model {
  const entry = Object.hasOwn(options.entries, name) ? options.entries[name] : entryOf(name);
  if (entry === null || entry === undefined) {
    const names = [...options.own.map((model) => model.name), ...Object.keys(options.entries)];
    throw new StepError('fatal', `there is no model '${name}'`, {
      fix: `Use ${names.map((one) => `'${one}'`).join(', ')}, or provider/model as in openai/gpt-5-mini.`,
    });
  }
  const { provider, model, price = null, timeouts = {} } = entry;
  const language = languageOf(options, name, entry);
  return createSdkModel({ provider, model, language, price, timeouts: { ...callTimeouts, ...timeouts } });
}

function entryOf(name: string): ModelEntry | null {
  const [, provider, model] = /^(openai|anthropic|google|compatible)\/(.+)$/.exec(name) ?? [];
  return provider === undefined || model === undefined ? null : { provider: provider as Provider, model };
}

/** Raises `fatal` for what is missing; the library is loaded when the model is called. */
function languageOf(
  { env, fetch, isReplay = false }: ModelsOptions,
  name: string,
  { provider, model, url, key_env: keyEnv }: ModelEntry,
): () => LanguageModel {
  const variable = keyEnv ?? keys[provider];
  const apiKey = variable === '' ? '' : (env[variable] ?? '');
  const baseURL = url ?? env[addresses[provider]];
  if (variable !== '' && apiKey === '' && url === undefined && !isReplay)
    throw new StepError('fatal', `the model '${name}' needs a key`, {
      fix: `Put it into the environment as ${variable}, or use 'offline'.`,
    });
  const options = { apiKey: isReplay ? 'replayed' : apiKey, fetch, ...(baseURL === undefined ? {} : { baseURL }) };
  switch (provider) {
    case 'openai':
      return () => openai().createOpenAI(options)(model);
    case 'anthropic':
      return () => anthropic().createAnthropic(options)(model);
    case 'google':
      return () => google().createGoogleGenerativeAI(options)(model);
    case 'compatible': {
      if (baseURL === undefined)
        throw new StepError('fatal', `the model '${name}' needs an address`, {
          fix: `Give its \`url\` in the configuration, or set ${addresses.compatible}.`,
        });
      const keyed = apiKey === '' ? {} : { apiKey };
      const reached = { name: 'compatible', baseURL, fetch, includeUsage: true, supportsStructuredOutputs: true, ...keyed };
      return () => compatible().createOpenAICompatible(reached)(model);
    }
  }
}
