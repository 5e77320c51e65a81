/** What a request gives the offline writer to write about: its sections, and the people, places and words in them. */

import type { Json, JsonObject } from '@scriptorium/core';
import type { ModelRequest } from '../model.ts';

export interface Material {
  /** The task, and each section by its name; JSON where it is some. */
  readonly task: string;
  readonly sections: { readonly [name: string]: Json };
  /** Of people, in the order in which they are named. */
  readonly people: readonly string[];
  readonly place: string | null;
  readonly conflict: string | null;
  /** What the premise is about. */
  readonly topics: readonly string[];
  /** From 1; how often what is asked for was tried. */
  readonly pass: number;
  /** What the writing is to have. */
  readonly words: number;
  readonly source: string;
}

const DEFAULT_WORDS = 150;
/** No answer is longer than this, whatever is asked for. */
const MAX_WORDS = 8_000;

const common = new Set(
  'about after again also and another around because been before being between both could does doesn down each else end ends explain fall falls for from girl have her here him his how include inside into its know knows like literary little long make making many mentioned metafictional more most must never not now one only other our out over own part people perspective person please she should since some story stories such tell than that the their them then there these they third this those through time too under until upon using very want was way well were what when where which while who whose will with within word words would write writes writing you your one two three four five six seven eight nine ten'.split(
    ' ',
  ),
);

export function materialOf({ messages, system }: ModelRequest): Material {
  const first = messages.find((message) => message.role === 'user')?.text ?? '';
  const [task = '', ...parts] = first.split(/^## (?=[a-z][A-Za-z0-9_]*\n\n)/m);
  const sections = Object.fromEntries(
    parts.map((part) => {
      const [name = '', ...rest] = part.split('\n\n');
      return [name, parsed(rest.join('\n\n').trim())];
    }),
  );
  const scene = asObject(sections['scene']);
  const premise = textOf(sections['premise']) ?? textOf(asObject(sections['concept'])['premise']) ?? task;
  const words = Number(/(\d[\d,]*)\s+words/.exec(task)?.[1]?.replaceAll(',', '') ?? scene['words'] ?? DEFAULT_WORDS);
  return {
    task: task.trim(),
    sections,
    people: [
      ...new Set([...namesIn(scene), ...namesIn(sections['concept']), ...namesIn(sections['people']), ...namesIn(sections['cast'])]),
    ],
    place: textOf(scene['place']) ?? textOf(asObject(sections['concept'])['setting']) ?? null,
    conflict: textOf(scene['conflict']) ?? textOf(asObject(sections['concept'])['conflict']) ?? null,
    topics: topicsOf(premise),
    pass: typeof sections['pass'] === 'string' || typeof sections['pass'] === 'number' ? Number(sections['pass']) : 1,
    words: Math.min(Math.max(words, 20), MAX_WORDS),
    source: `${system}\n${first}`,
  };
}

export function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** By the keys that people go by, however deep. */
function namesIn(value: Json | undefined, key = ''): string[] {
  if (typeof value === 'string') return ['name', 'protagonist', 'people', 'cast'].includes(key) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one: Json) => namesIn(one, key));
  return Object.entries(asObject(value)).flatMap(([name, one]) => namesIn(one, name));
}

/**
 * Words of the premise that are not what somebody does, or how: a verb stands before the article of what is done to it, or
 * after `that` and `who`.
 */
function topicsOf(premise: string): string[] {
  const noVerb = /(?<!\p{L}|\b(?:that|who|which)\s+)(\p{L}{3,})(?!\p{L})(?!\s+(?:an?|the|his|her|its|their)\s)/gu;
  const found = [...premise.toLowerCase().matchAll(noVerb)].map(([, word = '']) => word);
  return [...new Set(found.filter((word) => !common.has(word) && !/(?:wards?|ly)$/.test(word)))].slice(0, 12);
}
