/** The little of semantic versioning that definitions need: `1.2.3`, and the ranges `*`, `^`, `~` and exact. */

type Version = readonly [major: number, minor: number, patch: number, pre: string];

export function isVersion(text: string): boolean {
  return parse(text, 3) !== undefined;
}

export function isRange(text: string): boolean {
  return text === '*' || parse(text.replace(/^[\^~]/, ''), 1) !== undefined;
}

/**
 * Whether `version` is in `range`. `^` keeps the leftmost number that is not zero, `~` the minor one; a shortened
 * version such as `2` or `2.1` stands for all that begin with it. Pre-releases match only themselves and, under `^` or
 * `~`, what follows them (after semver.org 2.0.0 and node-semver's README).
 */
export function satisfies(version: string, range: string): boolean {
  const have = parse(version, 3);
  const text = range.replace(/^[\^~]/, '');
  const want = parse(text, 1);
  if (range === '*' || have === undefined || want === undefined) {
    return range === '*' && have !== undefined;
  }
  const given = text.split('-')[0]?.split('.').length ?? 0;
  if (!range.startsWith('^') && !range.startsWith('~')) {
    return given === 3 ? compare(have, want) === 0 : have[3] === '' && have.slice(0, given).every((part, i) => part === want[i]);
  }
  const fixed = range.startsWith('~') ? Math.min(given, 2) : leadingParts(want, given);
  const sameTriple = have.slice(0, 3).every((part, i) => part === want[i]);
  return compare(have, want) >= 0 && have.slice(0, fixed).every((part, i) => part === want[i]) && (have[3] === '' || sameTriple);
}

/** Below zero when `a` comes before `b`; both are versions. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a, 3), parse(b, 3)];
  return left === undefined || right === undefined ? 0 : compare(left, right);
}

/** Whether one may stand in for the other: the same major version, and below 1.0.0 the same minor one. */
export function isCompatible(a: string, b: string): boolean {
  const [left, right] = [parse(a, 3), parse(b, 3)];
  if (left === undefined || right === undefined) return a === b;
  return left[0] === right[0] && (left[0] !== 0 || left[1] === right[1]);
}

/** What a change of a definition asks of its version. */
export type Bump = 'patch' | 'minor' | 'major';

/** The least version after `version` that tells of the change. Below 1.0.0 the minor number stands for the major one. */
export function leastVersion(version: string, bump: Bump): string {
  const [major, minor, patch] = parse(version, 3) ?? [0, 0, 0];
  const place = (major === 0 ? { major: 1, minor: 2, patch: 2 } : { major: 0, minor: 1, patch: 2 })[bump];
  return [major, minor, patch].map((part, index) => (index < place ? part : index === place ? part + 1 : 0)).join('.');
}

function leadingParts(version: Version, given: number): number {
  const first = version.slice(0, 3).findIndex((part) => part !== 0);
  return first === -1 ? given : Math.min(first + 1, given);
}

function parse(text: string, least: number): Version | undefined {
  const match = /^(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?)?$/.exec(text);
  if (match === null || match.slice(1, least + 1).includes(undefined as never)) {
    return undefined;
  }
  return [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0), match[4] ?? ''];
}

function compare(a: Version, b: Version): number {
  for (const i of [0, 1, 2] as const) {
    if (a[i] !== b[i]) {
      return a[i] - b[i];
    }
  }
  if (a[3] === b[3]) {
    return 0;
  }
  return a[3] === '' ? 1 : b[3] === '' ? -1 : comparePre(a[3].split('.'), b[3].split('.'));
}

function comparePre(a: readonly string[], b: readonly string[]): number {
  for (const [i, left] of a.entries()) {
    const right = b[i];
    if (right === undefined) {
      return 1;
    }
    const numbers = /^\d+$/.test(left) && /^\d+$/.test(right);
    if (left !== right) {
      return numbers ? Number(left) - Number(right) : left < right ? -1 : 1;
    }
  }
  return a.length - b.length;
}
