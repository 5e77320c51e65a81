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
  /** Where the whole of it begins. */
  readonly setting: string | null;
  /** The premise as others would speak of it: `the story of two brothers`. */
  readonly telling: string;
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

export function materialOf({ messages, system, settings }: ModelRequest): Material {
  const first = messages.find((message) => message.role === 'user')?.text ?? '';
  const [task = '', ...parts] = first.split(/^## (?=[a-z][A-Za-z0-9_]*\n\n)/m);
  const sections = Object.fromEntries(
    parts.map((part) => {
      const [name = '', ...rest] = part.split('\n\n');
      return [name, parsed(rest.join('\n\n').trim())];
    }),
  );
  const scene = asObject(sections['scene']);
  const concept = asObject(sections['concept']);
  const told = textOf(sections['premise']) ?? textOf(concept['premise']) ?? /^Premise: (.+)$/m.exec(task)?.[1];
  const topic = ['topic', 'about', 'idea', 'motion', 'question'].map((name) => firstText(sections[name])).find((text) => text !== null);
  const premise = told ?? topic ?? task;
  const subject = subjectOf(premise) ?? (told === undefined ? phraseOf(topic) : null);
  const words = Number(/(\d[\d,]*)\s+words/.exec(task)?.[1]?.replaceAll(',', '') ?? scene['words'] ?? DEFAULT_WORDS);
  return {
    task: task.trim(),
    sections,
    people: [
      ...new Set([
        ...namesIn(sections['name'], 'name'),
        ...[scene, sections['concept'], sections['people'], sections['cast']].flatMap((one) => namesIn(one)),
      ]),
    ],
    place: textOf(scene['place']),
    setting: phraseOf(concept['setting']),
    telling: subject !== null ? `the story of ${subject}` : told === undefined ? 'an old story' : tellingOf(told),
    topics: topicsOf(subject ?? premise),
    pass: typeof sections['pass'] === 'string' || typeof sections['pass'] === 'number' ? Number(sections['pass']) : 1,
    words: Math.min(Math.max(words, 20), MAX_WORDS),
    source: `${settings.seed ?? 0}\n${system}\n${first}`,
  };
}

export function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** A text, or the first one in an object. */
function firstText(value: Json | undefined): string | null {
  return (
    textOf(value) ??
    Object.values(asObject(value))
      .map(textOf)
      .find((text) => text !== null) ??
    null
  );
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Words of a phrase that fits into a sentence, and those of a premise that is told word for word. */
const MAX_PHRASE = 8;
const MAX_TOLD = 25;
/** Characters in which it is looked for what a story is to be about. */
const MAX_ASKED = 1_000;

function phraseOf(value: Json | undefined): string | null {
  const text = textOf(value);
  return text === null || /[.!?;:]/.test(text) || text.split(' ').length > MAX_PHRASE ? null : text;
}

/** What a story is to be about, where the premise asks for one: `Write a story about a day without a sun.` */
function subjectOf(premise: string): string | null {
  const [, asked] =
    /\b(?:story|tale|novel|novella)\b[^.!?]*?\babout ([^.!?]+?)(?:,? (?:of|in|with)?\s*(?:around|about|at least|at most)? ?\d[^.!?]*)?[.!?]/.exec(
      `${premise.slice(0, MAX_ASKED)}.`,
    ) ?? [];
  return asked === undefined || asked.split(' ').length > MAX_TOLD ? null : asked;
}

function tellingOf(premise: string): string {
  const told = premise.trim().replace(/[.!]$/, '');
  const isOne = told !== '' && !/[.!?\n]/.test(told) && told.split(' ').length <= MAX_TOLD;
  return isOne ? `the story that goes "${told}"` : 'an old story';
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
 * after `that`, `who`, `can` and their like.
 */
function topicsOf(premise: string): string[] {
  const noVerb =
    /(?<!\p{L}|(?:\b(?:that|who|which|to|will|can|could|must)|n['’]t)\s+)(\p{L}{3,})(?!\p{L})(?!\s+(?:an?|the|his|her|its|their)\s)/gu;
  const found = [...premise.toLowerCase().matchAll(noVerb)].map(([, word = '']) => word);
  return [...new Set(found.filter((word) => !common.has(word) && !/(?:wards?|ly)$/.test(word)))].slice(0, 12);
}
