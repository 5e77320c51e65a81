/** Finds the flow that a definition names: by name, and the highest version in the range that it asks for. */

import { isRange, satisfies } from '@scriptorium/core';
import type { Callable } from './callable.ts';
import type { Checking, Where } from './checking.ts';
import type { Finding } from '../diagnostic.ts';
import type { Word } from '../reading/shape.ts';
import { calledBy, readUses } from './uses.ts';

/** Compiled, and known as called from here on; undefined where it cannot be called, which has been told. */
export function findFlow(word: Word, where: Where, { library, findings, file, calls }: Checking): Callable | undefined {
  const { name, range } = readUses(word.text);
  const tell = (finding: Omit<Finding, 'span' | 'path'>): undefined =>
    findings.add({ ...finding, span: word.span, path: where.path }) as undefined;
  const versions = library.versions(name, file);
  if (!isRange(range)) {
    return tell(badRange(name, range, versions[0]?.version ?? '1'));
  }
  const [found, next] = versions.filter(({ version }) => satisfies(version, range));
  if (found === undefined) {
    const there = versions.map((one) => `${one.version} (${one.file})`).join(', ');
    return tell({
      code: 'version_mismatch',
      message: `no version of the flow '${name}' is in ${range}: there is ${there}`,
      fix: `ask for ${name}@^${versions[0]?.version}`,
    });
  }
  if (next?.version === found.version && found.file !== file) {
    return tell({
      code: 'ambiguous_flow',
      message: `two files define ${name} ${found.version}: ${found.file} and ${next.file}`,
      fix: 'give one of them another name or version',
    });
  }
  const callable = library.interfaceOf(found);
  if ('problem' in callable) {
    return tell({
      code: 'broken_flow',
      message: `the flow '${name}' has errors: ${callable.problem}`,
      fix: `mend it; \`scriptorium check ${found.file}\` tells of all of them`,
    });
  }
  calls.set(calledBy(word.text), found.file);
  return callable;
}

export function badRange(name: string, range: string, version: string): Omit<Finding, 'span' | 'path'> {
  return {
    code: 'bad_version',
    message: `'${range}' is no version range`,
    fix: `write it like ${name}@^${version}, ~1.2, 1.2.3 or *`,
  };
}
