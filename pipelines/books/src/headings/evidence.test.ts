import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Candidate } from './candidates.ts';
import { isBelieved, pointsOf } from './evidence.ts';
import type { Run, Setting } from './evidence.ts';
import { parseLabel } from './read-label.ts';
import { usualLimits } from './limits.ts';
import { runsOf } from './sequences.ts';

const setting: Setting = {
  end: 100_000,
  usualGap: 1,
  expected: new Set(),
  continues: () => false,
  divided: false,
  placeAbove: () => null,
  limits: usualLimits,
};

/** Rows at equal distances, each with `gap` blank lines above it. */
function runOf(rows: readonly string[], body: number, gap: number): Run {
  const members = rows.map((row, index): Candidate => {
    const label = parseLabel(row)!;
    return {
      piece: index * 10,
      label,
      title: label.title,
      class: label.keyword ?? `#${label.scheme}:bare`,
      doubtful: false,
      gap,
      manner: { letters: null, setIn: null, stopped: null },
      at: 500 + index * body,
    };
  });
  const bodies = rows.length === 1 ? [setting.end - 500] : rows.slice(1).map(() => body);
  return { members, bodies, body: bodies[0]! };
}

describe('a run of numbers', () => {
  for (const [what, rows, body, gap, believed] of [
    ['chapters by their word', ['CHAPTER I', 'CHAPTER II', 'CHAPTER III'], 8000, 4, true],
    ['two chapters, short ones', ['CHAPTER I', 'CHAPTER II'], 400, 2, true],
    ['numbers alone with chapters between', ['I', 'II', 'III', 'IV'], 8000, 3, true],
    ['numbers alone, no further apart than paragraphs', ['I', 'II', 'III', 'IV', 'V'], 8000, 1, true],
    ['a list', ['1.', '2.', '3.', '4.', '5.', '6.', '7.'], 90, 1, false],
    ['numbered verses', ['I', 'II', 'III', 'IV'], 110, 1, false],
    ['a volume alone', ['BOOK I'], 0, 4, true],
    ['the second series, on a title page', ['Second Series'], 0, 3, false],
    ['a title that counts by accident', ['THE FIRST LESSON'], 0, 1, false],
    ['tables', ['TABLE I', 'TABLE II', 'TABLE III', 'TABLE IV', 'TABLE V', 'TABLE VI', 'TABLE VII'], 6000, 2, false],
    ['an unknown word', ['FLIGHT I', 'FLIGHT II', 'FLIGHT III'], 6000, 2, true],
    ['chapters of a later volume', ['CHAPTER XX', 'CHAPTER XXI', 'CHAPTER XXII'], 8000, 4, true],
  ] as const) {
    it(`${believed ? 'is' : 'is not'} believed: ${what}`, () => {
      const run = runOf(rows, body, gap);
      assert.equal(isBelieved(run, setting), believed, JSON.stringify(pointsOf(run, setting)));
    });
  }

  it('gains by each sign and loses by each, so that none decides alone', () => {
    const run = runOf(['I. The Quay', 'II. The Ferry'], 1500, 1);
    const listed = { ...setting, expected: new Set(['thequay', 'theferry']) };
    assert.ok(pointsOf(run, listed).total > pointsOf(run, setting).total);
    assert.ok(pointsOf(runOf(['I. The Quay', 'II. The Ferry'], 1500, 4), setting).total > pointsOf(run, setting).total);
  });

  it('is not taken apart by stanzas inside, whose numbers are hardly set apart', () => {
    const { members } = runOf(['I', 'I', 'II', 'II', 'III', 'IV'], 6000, 3);
    const stanzas = [members[1]!, members[2]!];
    const given = members.map((member) => (stanzas.includes(member) ? { ...member, gap: 1 } : member));
    assert.deepEqual(
      runsOf(given, setting.end).map((run) => run.members.map(({ label }) => label.value)),
      [
        [1, 2, 3, 4],
        [1, 2],
      ],
    );
  });
});
