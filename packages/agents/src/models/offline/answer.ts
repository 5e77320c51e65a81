/**
 * A value for a JSON Schema, by what its properties are called: names, titles, places, prose, scores. What a request
 * gives under the same name is taken over. Of `pattern` and of conditions it knows nothing.
 */

import type { Json, JsonObject, Schema } from '@scriptorium/core';
import type { Chance } from './chance.ts';
import { asObject } from './material.ts';
import type { Material } from './material.ts';
import { placeOf, proseOf, remarkOf, remarksIn, sentenceOf, titleOf } from './prose.ts';
import { personOf, plannedOf } from './tale.ts';
import { themes } from './words.ts';

/** Where in the answer a value stands. */
interface Place {
  /** Of the property; of an element that of its list, without the plural. */
  readonly name: string;
  /** Of the list around it, and how many that has. */
  readonly index: number;
  readonly count: number;
  readonly depth: number;
  /** Of the properties around it, the outermost first. */
  readonly within: readonly string[];
}

interface Writing {
  readonly root: Schema;
  readonly chance: Chance;
  readonly material: Material;
  /** Remarks of this answer, each of which is made once. */
  readonly said: string[];
}

/** Deeper, nothing optional is written. */
const MAX_DEPTH = 12;
const MAX_ITEMS = 100;

export function answerOf(schema: Schema, chance: Chance, material: Material): Json {
  return valueOf({ root: schema, chance, material, said: [] }, schema, { name: 'answer', index: 0, count: 1, depth: 0, within: [] });
}

function valueOf(writing: Writing, given: Schema, place: Place): Json {
  const { root, chance, material } = writing;
  if (typeof given === 'boolean') return sentenceOf(place.name, chance, material);
  const schema = merged(resolved(given, root));
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return choiceOf(schema['enum'] as readonly Json[], chance, material);
  const options = (schema['oneOf'] ?? schema['anyOf']) as readonly Schema[] | undefined;
  if (options !== undefined) {
    const { oneOf: _one, anyOf: _any, ...rest } = schema;
    const option = merged(resolved(options.find((one) => asObject(one as Json)['type'] !== 'null') ?? options[0] ?? true, root));
    return valueOf(writing, { ...rest, ...option }, place);
  }
  switch (typeOf(schema)) {
    case 'object':
      return objectOf(writing, schema, place);
    case 'array':
      return listOf(writing, schema, place);
    case 'integer':
    case 'number':
      return numberOf(writing, schema, place);
    case 'boolean':
      return chance.next() < 0.5;
    case 'null':
      return null;
    default:
      return bounded(textOf(writing, schema, place), schema);
  }
}

function objectOf(writing: Writing, schema: JsonObject, place: Place): Json {
  const properties = asObject(schema['properties']);
  const required = (schema['required'] ?? []) as readonly string[];
  const names = place.depth > MAX_DEPTH ? required : [...new Set([...Object.keys(properties), ...required])];
  const within = [...place.within, place.name];
  return Object.fromEntries(
    names.map((name) => [
      name,
      valueOf(writing, (properties[name] ?? true) as Schema, {
        name,
        index: place.index,
        count: place.count,
        depth: place.depth + 1,
        within,
      }),
    ]),
  );
}

function listOf(writing: Writing, schema: JsonObject, place: Place): Json {
  const { chance, material } = writing;
  const least = Number(schema['minItems'] ?? 0);
  const most = Math.min(Number(schema['maxItems'] ?? MAX_ITEMS), MAX_ITEMS);
  const asked = new RegExp(`(\\d+) ${place.name}\\b`).exec(material.task)?.[1];
  const count = Math.min(Math.max(asked === undefined ? chance.between(2, 4) : Number(asked), least), Math.max(most, least));
  const first = (schema['prefixItems'] ?? []) as readonly Schema[];
  const items: Json[] = [];
  const seen = new Set<string>();
  for (let tries = 0; items.length < count && tries < count * 20; tries += 1) {
    const index = items.length;
    const item = valueOf(writing, first[index] ?? ((schema['items'] ?? true) as Schema), {
      name: place.name.replace(/ies$/, 'y').replace(/s$/, ''),
      index,
      count,
      depth: place.depth + 1,
      within: place.within,
    });
    const text = JSON.stringify(item);
    // The same again is no news, and where only other things are allowed it is an error.
    if (seen.has(text) && (schema['uniqueItems'] === true || items.length >= least || tries < count * 4)) continue;
    seen.add(text);
    items.push(item);
  }
  return items;
}

function numberOf({ chance, material }: Writing, schema: JsonObject, { name, index, within }: Place): number {
  const whole = typeOf(schema) === 'integer';
  const step = Number(schema['multipleOf'] ?? (whole ? 1 : 0.1));
  const above = schema['exclusiveMinimum'] === undefined ? undefined : Number(schema['exclusiveMinimum']) + step;
  const below = schema['exclusiveMaximum'] === undefined ? undefined : Number(schema['exclusiveMaximum']) - step;
  const least = Number(schema['minimum'] ?? above ?? 0);
  const most = Number(schema['maximum'] ?? below ?? Math.max(least + 10, 10));
  const wanted =
    name === 'n' || name === 'number'
      ? index + 1
      : name === 'thread'
        ? 1 + (index % 2)
        : /score|rating/.test(`${name} ${within.join(' ')}`)
          ? least + ((most - least) * goodness(material, chance)) / 10
          : name === 'choice'
            ? least
            : least + chance.next() * (most - least);
  const rounded = Math.round(Math.min(Math.max(wanted, least), most) / step) * step;
  return whole ? Math.round(rounded) : Number(rounded.toFixed(6));
}

function textOf({ chance, material, said }: Writing, schema: JsonObject, place: Place): string {
  const { name, within } = place;
  const given = material.sections[name];
  if (typeof given === 'string' && given !== '' && !['text', 'draft', 'notes'].includes(name)) return given;
  switch (schema['format']) {
    case 'date':
      return '2020-01-01';
    case 'date-time':
      return '2020-01-01T00:00:00Z';
    case 'time':
      return '12:00:00Z';
    case 'email':
      return 'nobody@example.org';
    case 'uri':
      return 'https://example.org/';
    case 'uuid':
      return '00000000-0000-4000-8000-000000000000';
    default:
  }
  if (/^(text|prose|body|story)$/.test(name)) return proseOf(chance, material);
  const planned = within.includes('chapter') ? plannedOf(name, place.index, place.count, material) : null;
  if (planned !== null) return planned;
  if (/^(title|heading)$/.test(name)) return titleOf(chance, material);
  if (/^(place|setting|location)$/.test(name)) return placeOf(chance);
  if (name === 'cast') return material.people[place.index] ?? personOf(chance);
  if (/^(theme|genre)$/.test(name)) return chance.pick(themes);
  if (/^(before|find)$/.test(name)) return phraseOf(material, chance);
  if (/^(after|replace)$/.test(name)) {
    const remark = remarkOf(chance, JSON.stringify([material.sections, said]));
    said.push(remark);
    return remark;
  }
  if (/^(name|protagonist|cast|person|who)$/.test(name)) return personOf(chance);
  return sentenceOf(name, chance, material);
}
/** How good a critic finds what was tried so often, of 10: below eight at first, better each time. */
function goodness({ pass }: Material, chance: Chance): number {
  return Math.min(5.9 + pass * 1 + chance.next() * 0.9, 9.8);
}

/** To accept is for what is good by now; else it is one of the others, the first more often than not. */
function choiceOf(values: readonly Json[], chance: Chance, material: Material): Json {
  const accepting = values.find((value) => typeof value === 'string' && /accept|keep|done|publish/.test(value));
  if (accepting === undefined) return chance.pick(values);
  const others = values.filter((value) => value !== accepting);
  if (material.pass >= 3 || others.length === 0) return accepting;
  return chance.next() < 0.6 ? (others[0] ?? accepting) : chance.pick(others);
}

/** Something that is to be changed: a remark of the grammar, else a sentence of the text that is edited in which nobody speaks. */
function phraseOf({ sections }: Material, chance: Chance): string {
  const text = typeof sections['text'] === 'string' ? sections['text'] : '';
  const remarks = remarksIn(text);
  if (remarks.length > 0) return chance.pick(remarks);
  const sentences = text.split('\n').flatMap((paragraph) => paragraph.match(/(?<=^|[.!?]"? )[A-Z][^".!?]*[.!?](?= |$)/g) ?? []);
  const found = sentences.filter((sentence) => text.split(sentence).length === 2);
  return found.length > 0 ? chance.pick(found) : text;
}

function typeOf(schema: JsonObject): string {
  const type = schema['type'];
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return (type as readonly string[]).find((one) => one !== 'null') ?? 'null';
  if ('properties' in schema || 'required' in schema) return 'object';
  return 'items' in schema || 'prefixItems' in schema ? 'array' : 'string';
}

/** With what `$ref` leads to, within the schema itself. */
function resolved(schema: Schema, root: Schema, depth = 0): JsonObject {
  if (typeof schema === 'boolean') return {};
  const ref = schema['$ref'];
  if (typeof ref !== 'string' || depth > 8) return schema;
  let found: Json = root;
  for (const part of ref.replace(/^#\/?/, '').split('/').filter(Boolean))
    found = asObject(found)[part.replaceAll('~1', '/').replaceAll('~0', '~')] ?? {};
  const { $ref: _ref, ...rest } = schema;
  return { ...resolved(found as Schema, root, depth + 1), ...rest };
}

function merged(schema: JsonObject): JsonObject {
  const all = schema['allOf'] as readonly JsonObject[] | undefined;
  if (all === undefined) return schema;
  const { allOf: _all, ...rest } = schema;
  const parts: readonly JsonObject[] = [...all, rest];
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map((part) => part['properties'] ?? {})) as JsonObject,
    required: [...new Set(parts.flatMap((part) => (part['required'] ?? []) as readonly string[]))],
  } as JsonObject;
}

function bounded(text: string, schema: JsonObject): string {
  const least = Number(schema['minLength'] ?? 0);
  const most = Number(schema['maxLength'] ?? Infinity);
  const long = [...text].length < least ? text.padEnd(least + text.length, ` ${text || 'and so on'}`) : text;
  return [...long].length > most ? [...long].slice(0, most).join('') : long;
}
