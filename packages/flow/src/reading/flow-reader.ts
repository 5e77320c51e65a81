/** Reads the whole definition: header, inputs, pools, schemas, definitions and the body. */

import type { Limit, Mode } from '@scriptorium/core';
import { closest, isVersion } from '@scriptorium/core';
import type { Findings } from '../diagnostic.ts';
import { integerField, mapField, textField } from './field.ts';
import type { Site } from './field.ts';
import { checkKeys, flowKeys, runKeys } from './keys.ts';
import { readMigrations } from './migrate-reader.ts';
import { checkName } from './name.ts';
import { describePiece, entryOf } from './piece.ts';
import type { Entry, MapPiece, Piece } from './piece.ts';
import { readBudget, readLimitBody } from './policy-reader.ts';
import type { FlowShape, Named, ScopeShape } from './shape.ts';
import { MAX_LIKED_PARTS } from './like.ts';
import type { StepReading } from './like.ts';
import { readDefinition, readStates, readSteps, refuseUntil, untilOf } from './step-reader.ts';

const flowName = /^[a-z][a-z0-9-]*(?:\/[a-z][a-z0-9-]*)+$/;
const modes: readonly Mode[] = ['strict', 'flexible', 'best_effort'];

/** `root` has its profile merged in already; `run` in it comes from there. */
export function readFlow(root: MapPiece, findings: Findings): FlowShape {
  const site: Site = { path: '', findings };
  const definitions = new Map(namedEntries(root, 'define', 'a definition', site).map((entry) => [entry.key, entry]));
  const reading: StepReading = { definitions, findings, unsure: new Set(), circles: new Set(), expanded: new Map(), room: MAX_LIKED_PARTS };
  const body = readBody(root, reading);
  for (const entry of definitions.values()) {
    readDefinition(entry, reading);
  }
  const run = entryOf(root, 'run');
  const budget = entryOf(root, 'budget');
  return {
    name: readFlowName(root, site),
    version: readVersion(root, site),
    doc: optionalText(root, 'doc', site),
    inputs: namedEntries(root, 'input', 'an input', site).map(namedPiece),
    limits: namedEntries(root, 'limits', 'a limit', site).flatMap((entry) => readNamedLimit(entry, site)),
    budget: budget === undefined ? undefined : readBudget(budget.value, site),
    schemas: namedEntries(root, 'schemas', 'a schema', site).map(namedPiece),
    run: run === undefined ? undefined : readRun(run, site),
    migrate: readMigrations(root, site),
    body,
  };
}

function readBody(root: MapPiece, reading: StepReading): ScopeShape {
  const { findings } = reading;
  const steps = entryOf(root, 'steps');
  const states = entryOf(root, 'states');
  const output = entryOf(root, 'output')?.value;
  if (steps !== undefined && states !== undefined) {
    findings.add({
      code: 'one_body',
      message: 'a flow has `steps` or `states`, not both',
      span: states.keySpan,
      fix: 'put the states into a step of their own',
    });
  }
  if (steps === undefined && states !== undefined) {
    refuseUntil(root, { path: '', findings });
    return { k: 'states', states: readStates(states.value, '', reading), output, span: states.keySpan };
  }
  if (steps === undefined) {
    findings.add({
      code: 'missing_key',
      message: 'the flow has no `steps` and no `states`',
      span: { from: root.span.from, to: root.span.from },
      fix: 'add `steps:` with a step below it',
    });
  }
  return {
    k: 'steps',
    steps: steps === undefined ? [] : readSteps(steps.value, '', reading),
    until: untilOf(root, { path: '', findings }),
    output,
  };
}

function readFlowName(root: MapPiece, site: Site): string {
  const entry = entryOf(root, 'flow');
  const name = entry === undefined ? missing(root, 'flow', 'team/name', site) : textField(entry.value, '`flow`', site);
  if (entry !== undefined && name !== undefined && !flowName.test(name)) {
    site.findings.add({
      code: 'bad_name',
      message: `'${name}' cannot be the name of a flow: it is team/name, in lower-case letters, digits and hyphens`,
      span: entry.value.span,
    });
  }
  return name ?? '';
}

function readVersion(root: MapPiece, site: Site): string {
  const entry = entryOf(root, 'version');
  if (entry === undefined) {
    return missing(root, 'version', '"1.0.0"', site) ?? '';
  }
  const { value } = entry;
  if (value.type === 'scalar' && typeof value.value === 'number') {
    const read = value.written === String(value.value) ? 'a number' : `the number ${value.value}`;
    site.findings.add({
      code: 'unquoted_version',
      message: `without quotes ${value.written} is ${read}, and a version is text`,
      span: value.span,
      fix: `quote it: "${threeParts(value.written)}"`,
    });
    return '';
  }
  const version = textField(value, '`version`', site);
  if (version !== undefined && !isVersion(version)) {
    site.findings.add({
      code: 'bad_version',
      message: `'${version}' is no version: it has three numbers, such as "1.2.0"`,
      span: value.span,
    });
  }
  return version ?? '';
}

function threeParts(written: string): string {
  return /^\d+$/.test(written) ? `${written}.0.0` : /^\d+\.\d+$/.test(written) ? `${written}.0` : '1.0.0';
}

function missing(root: MapPiece, key: string, example: string, site: Site): undefined {
  site.findings.add({
    code: 'missing_key',
    message: `the flow has no \`${key}\``,
    span: { from: root.span.from, to: root.span.from },
    fix: `add \`${key}: ${example}\``,
  });
  return undefined;
}

function optionalText(root: MapPiece, key: string, site: Site): string | undefined {
  const entry = entryOf(root, key);
  return entry === undefined ? undefined : textField(entry.value, `\`${key}\``, site);
}

/** The entries of a mapping of names. Schemas may begin with a capital letter. */
function namedEntries(root: MapPiece, key: string, kind: string, site: Site): readonly Entry[] {
  const entry = entryOf(root, key);
  const map = entry === undefined ? undefined : mapField(entry.value, `\`${key}\``, site);
  const entries = [...(map?.entries.values() ?? [])];
  for (const { key: name, keySpan } of entries) {
    checkName(key === 'schemas' ? name.replace(/^[A-Z]/, 'x') : name, kind, keySpan, '', site.findings);
  }
  return entries;
}

function namedPiece({ key: name, keySpan: span, value }: Entry): Named<Piece> {
  return { name, span, value };
}

function readNamedLimit({ key: name, keySpan: span, value }: Entry, site: Site): readonly Named<Limit>[] {
  const map = mapField(value, `the limit '${name}'`, site);
  return map === undefined ? [] : [{ name, span, value: readLimitBody(map, site) }];
}

function readRun({ value }: Entry, site: Site): FlowShape['run'] {
  const map = mapField(value, '`run`', site);
  if (map === undefined) {
    return undefined;
  }
  const piece = checkKeys(map, runKeys, '', site.findings);
  const mode = entryOf(piece, 'mode');
  const limit = entryOf(piece, 'limit');
  const known = modes.find((each) => mode?.value.type === 'scalar' && mode.value.value === each);
  if (mode !== undefined && known === undefined) {
    const suggestion = mode.value.type === 'scalar' ? (closest(String(mode.value.value), modes) ?? undefined) : undefined;
    site.findings.add({
      code: 'wrong_shape',
      message: `\`mode\` must be one of ${modes.join(', ')}, not ${describePiece(mode.value)}`,
      span: mode.value.span,
      suggestion,
    });
  }
  const items = limit === undefined ? undefined : integerField(limit.value, '`limit`', 1, site);
  return { ...(known === undefined ? {} : { mode: known }), ...(items === undefined ? {} : { limit: items }) };
}

/** Checks the keys of the file itself, before a profile is merged into it; gives it as it was probably meant. */
export function checkRoot(root: MapPiece, findings: Findings): MapPiece {
  return checkKeys(root, flowKeys, '', findings);
}
