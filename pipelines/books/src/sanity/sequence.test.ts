import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { qualityOf, type Issue } from './issue.ts';
import { sequenceIssues, type NumberedUnit } from './sequence.ts';
import { unitsOfTitles } from './title.ts';

const relaxed = { strict: false, volume: null };
const numbered = (values: readonly (number | null)[], level = 1): NumberedUnit[] =>
  values.map((value) => ({ title: `t${String(value)}`, value, level }));
const found = (issues: readonly Issue[]): string[] => issues.map((issue) => `${issue.type}@${String(issue.index)}`);

describe('sequenceIssues', () => {
  it('finds nothing in any unbroken sequence', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (length) => {
        assert.deepEqual(sequenceIssues(numbered(Array.from({ length }, (_, index) => index + 1)), relaxed), []);
      }),
    );
  });

  it('finds each natural defect where it is', () => {
    assert.deepEqual(found(sequenceIssues(numbered([1, 2, 2, 3]), relaxed)), ['duplicate@2']);
    assert.deepEqual(found(sequenceIssues(numbered([1, 2, 4]), relaxed)), ['gap@2']);
    assert.deepEqual(found(sequenceIssues(numbered([1, 3, 2, 4]), relaxed)), ['gap@1', 'out_of_order@2', 'gap@3']);
    assert.deepEqual(found(sequenceIssues(numbered([1, 2, 3, 2, 3, 4]), relaxed)), ['duplicate@3', 'out_of_order@3', 'duplicate@4']);
    assert.deepEqual(found(sequenceIssues(numbered([34, 35]), relaxed)), ['nonstandard_start@0']);
    assert.deepEqual(found(sequenceIssues(numbered([null, 1, null, 2]), relaxed)), ['no_number@0', 'no_number@2']);
  });

  it('says what was expected and what stands there', () => {
    const [gap] = sequenceIssues(numbered([1, 2, 6]), relaxed);
    assert.deepEqual(gap, {
      severity: 'warning',
      index: 2,
      title: 't6',
      type: 'gap',
      message: 'numbers 3 to 5 are missing before number 6',
      expected: 3,
      actual: 6,
    });
  });

  it('takes a gap for an error when strict', () => {
    assert.equal(sequenceIssues(numbered([1, 3]), { strict: true, volume: null })[0]?.severity, 'error');
  });

  it('lets a later volume of the catalog go on where the one before ended', () => {
    assert.deepEqual(found(sequenceIssues(numbered([34, 35]), { strict: false, volume: 2 })), ['continuation_volume@0']);
  });

  it('lets chapters start again, or go on, under each part', () => {
    const parts = (first: readonly number[], second: readonly number[]): NumberedUnit[] => [
      ...numbered([1]),
      ...numbered(first, 2),
      ...numbered([2]),
      ...numbered(second, 2),
    ];
    assert.deepEqual(sequenceIssues(parts([1, 2, 3], [1, 2]), relaxed), []);
    assert.deepEqual(sequenceIssues(parts([1, 2, 3], [4, 5]), relaxed), []);
    assert.deepEqual(found(sequenceIssues(parts([1, 2, 3], [1, 1]), relaxed)), ['duplicate@6']);
  });

  it('lets tables count by themselves between chapters', () => {
    const units: NumberedUnit[] = [
      ...numbered([1]).map((unit) => ({ ...unit, series: 'chapter' })),
      ...numbered([1, 2]).map((unit) => ({ ...unit, series: 'table' })),
      ...numbered([2]).map((unit) => ({ ...unit, series: 'chapter' })),
    ];
    assert.deepEqual(sequenceIssues(units, relaxed), []);
  });

  it('says nothing about units without numbers where few have one', () => {
    assert.deepEqual(sequenceIssues(numbered([null, null]), relaxed), []);
    assert.deepEqual(sequenceIssues(numbered([null, null, 1, null]), relaxed), []);
  });
});

describe('unitsOfTitles', () => {
  it('takes a shared volume mark for the part, and numbers start again in it', () => {
    const units = unitsOfTitles(['卷一 第一回 甲', '卷一 第二回 乙', '卷二 第一回 丙']);
    assert.deepEqual(
      units.map(({ value, part }) => [value, part]),
      [
        [1, '一'],
        [2, '一'],
        [1, '二'],
      ],
    );
    assert.deepEqual(sequenceIssues(units, relaxed), []);
  });

  it('counts volumes by themselves where each is one unit', () => {
    const units = unitsOfTitles(['序', '卷一', '卷二', '卷之四']);
    assert.deepEqual(found(sequenceIssues(units, relaxed)), ['volume_gap@3']);
  });

  it('reads past ornaments, spaces and circles for zero', () => {
    assert.deepEqual(
      unitsOfTitles(['◎ 第一回 甲', '第 二 回', '第一○三回', '楔子']).map((unit) => unit.value),
      [1, 2, 103, null],
    );
  });
});

describe('quality', () => {
  it('takes 20 for an error, 5 for a warning, and ends at 0', () => {
    const issue = (severity: Issue['severity']): Issue => ({ severity, index: null, title: '', type: 'x', message: '' });
    assert.equal(qualityOf([issue('error'), issue('warning'), issue('info')]), 75);
    assert.equal(qualityOf(Array.from({ length: 9 }, () => issue('error'))), 0);
  });
});
