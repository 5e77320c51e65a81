/**
 * `core/make`: a program that makes files. Unlike `core/exec` it is expected to leave nothing else behind, so it may be
 * tried again, and its result may be kept.
 *
 * 1. The folder in which it leaves its files is the attempt's own, and goes when that ends.
 * 2. What it left becomes an output only when it has ended well.
 */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { artifactSchema, defineHandler, StepError } from '@scriptorium/core';
import type { ArtifactRef, Handler, Json, Outputs, WriteOptions } from '@scriptorium/core';
import { lineageSchema } from '../outputs/artifacts.ts';
import { programErrors, programSchema, runProgram } from './exec.ts';
import type { ProgramInput } from './exec.ts';

interface Made {
  readonly result: Json;
  readonly files: ArtifactRef[];
}

interface MakeInput extends ProgramInput {
  readonly from?: readonly (ArtifactRef | string)[];
}

/** Stands in an argument for the folder of outputs. */
const MARK = '{outputs}';
/** The environment variable that holds it. */
const VARIABLE = 'SCRIPTORIUM_OUTPUTS';
const MAX_FILES = 10_000;

export const makeHandler: Handler = defineHandler<MakeInput, Made>({
  name: 'core/make',
  version: '1.0.0',
  doc: `Runs a program that makes files: those that it leaves in the folder ${MARK}, so named in \`argv\`, become outputs of the step. What it prints is the \`result\`.`,
  effects: 'read',
  idempotent: true,
  input: { type: 'object', required: ['argv'], additionalProperties: false, properties: { ...programSchema, from: lineageSchema } },
  output: {
    type: 'object',
    required: ['result', 'files'],
    additionalProperties: false,
    properties: { result: {}, files: { type: 'array', items: artifactSchema } },
  },
  errors: { ...programErrors, 'make.outputs': 'What it left is no file, or is too many.' },
  cost: ({ cost }) => cost ?? null,
  run: async ({ from = [], ...program }, context) => {
    const folder = await mkdtemp(join(tmpdir(), 'scriptorium-outputs-'));
    try {
      const argv = program.argv.map((argument) => argument.replaceAll(MARK, () => folder));
      const result = await runProgram({ ...program, argv }, context, { [VARIABLE]: folder });
      return { result, files: await publish(folder, context.outputs, { from }) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});

/** Writes every file of the folder below the stage, in the order of their names. */
async function publish(folder: string, outputs: Outputs, options: WriteOptions): Promise<ArtifactRef[]> {
  const published: ArtifactRef[] = [];
  for (const name of await filesIn(folder)) published.push(await outputs.write(name, await readFile(join(folder, name)), options));
  return published;
}

/** Only files: a link could lead anywhere. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) continue;
    const name = relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/');
    if (!entry.isFile()) throw refused(`${name} among the outputs is no file`, 'Let the program leave files and folders there, no links.');
    names.push(name);
  }
  if (names.length > MAX_FILES)
    throw refused(`the program left ${names.length} files, and ${MAX_FILES} are taken at most`, 'Let it pack them into fewer.');
  return names.toSorted();
}

function refused(message: string, fix: string): StepError {
  return new StepError('make.outputs', message, { fix });
}
