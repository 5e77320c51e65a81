/**
 * The file: a line that says what it is, then one exchange a line, in the order in which they ended. Lines are only ever
 * appended, each with one write, so that several processes may record to one file and a kill loses at most what was under way.
 */

import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CassetteError } from './error.ts';
import type { Exchange } from './exchange.ts';

export const cassetteVersion = 1;

const firstLine = JSON.stringify({ cassette: cassetteVersion });

/** Makes the file with its first line where there is none. */
export function beginCassette(path: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') !== '') {
    checkVersion(path, readFileSync(path, 'utf8').split('\n', 1)[0] ?? '');
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${firstLine}\n`, { mode: 0o600 });
}

export function appendExchange(path: string, exchange: Exchange): void {
  appendFileSync(path, `${JSON.stringify(exchange)}\n`);
}

/** @throws CassetteError `cassette.file` with the number of the line that is wrong. A last line that was cut off counts for nothing. */
export function readCassette(path: string): readonly Exchange[] {
  if (!existsSync(path))
    throw new CassetteError('cassette.file', `the cassette ${path} does not exist`, `Record it first, with record:${path}.`);
  const lines = readFileSync(path, 'utf8').split('\n');
  checkVersion(path, lines[0] ?? '');
  return lines.slice(1).flatMap((line, index) => {
    if (line === '') return [];
    const exchange = exchangeIn(line);
    if (exchange !== null) return [exchange];
    if (index === lines.length - 2) return [];
    throw new CassetteError(
      'cassette.file',
      `line ${index + 2} of the cassette ${path} is no exchange`,
      'Remove the line, or record it anew.',
    );
  });
}

function checkVersion(path: string, line: string): void {
  if (line === firstLine) return;
  const found = /^\{"cassette":(\d+)\}$/.exec(line)?.[1];
  throw new CassetteError(
    'cassette.file',
    found === undefined ? `${path} is no cassette` : `the cassette ${path} is of version ${found}, this program reads ${cassetteVersion}`,
    'Name another file, or record it anew.',
  );
}

function exchangeIn(line: string): Exchange | null {
  try {
    const value = JSON.parse(line) as Partial<Exchange>;
    return typeof value.key === 'string' && value.request !== undefined && value.answer !== undefined ? (value as Exchange) : null;
  } catch {
    return null;
  }
}
