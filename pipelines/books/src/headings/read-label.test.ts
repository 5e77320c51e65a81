import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isCaps, parseLabel } from './read-label.ts';
import { keyOf, withoutPage } from './piece.ts';
import { roleOf } from './roles.ts';

describe('labels', () => {
  for (const [row, keyword, value, title] of [
    ['CHAPTER XII.', 'chapter', 12, ''],
    ['Chapter 3: The Quay', 'chapter', 3, 'The Quay'],
    ['CHAPTER I PARIS: SEPTEMBER, 1792', 'chapter', 1, 'PARIS: SEPTEMBER, 1792'],
    ['CHAPTER IV--THE LAMP', 'chapter', 4, 'THE LAMP'],
    ['Book the First--Recalled to Life', 'book', 1, 'Recalled to Life'],
    ['CHAPTER TWENTY-ONE', 'chapter', 21, ''],
    ['CHAPTER TWENTY ONE.', 'chapter', 21, ''],
    ['CHAPTER THE LAST', 'chapter', null, ''],
    ['Second Part', 'part', 2, ''],
    ['THE FIRST BOOK', 'book', 1, ''],
    ['Erstes Kapitel', 'kapitel', 1, ''],
    ['CHAPITRE IV', 'chapitre', 4, ''],
    ['I. Kapitel', 'kapitel', 1, ''],
    ['Siebentes Kapitel', 'kapitel', 7, ''],
    ['12. Capitel: Die Reise', 'kapitel', 12, 'Die Reise'],
    ['IV LUKU.', 'luku', 4, ''],
    ['PRIMEIRA PARTE', 'parte', 1, ''],
    ['PARTE TERZA', 'parte', 3, ''],
    ['CAPÍTULO DÉCIMO', 'capítulo', 10, ''],
    ['LIBER SECUNDUS', 'liber', 2, ''],
    ['EENENTWINTIGSTE HOOFDSTUK.', 'hoofdstuk', 21, ''],
    ['TREDJE KAPITLET', 'kapitlet', 3, ''],
    ['—7—', null, 7, ''],
    ['[ IV ]', null, 4, ''],
    ['XIV. In London', null, 14, 'In London'],
    ['7.  The Journey', null, 7, 'The Journey'],
    ['IX', null, 9, ''],
    ['(3)', null, 3, ''],
    ['TWENTY-TWO', null, 22, ''],
    ['TWENTY-TWO. The Quay', null, 22, 'The Quay'],
    ['Three—THE QUAY', null, 3, 'THE QUAY'],
    ['第十二回 風起', '回', 12, '風起'],
    ['卷三', '卷', 3, ''],
    ['_PART II._ _The Quay._', 'part', 2, 'The Quay.'],
    ['正文 第三章 夜雨', '章', 3, '夜雨'],
    ['第二卷 第十二章 夜雨', '章', 12, '夜雨'],
    ['【第四章】夜雨', '章', 4, '夜雨'],
    ['第０１２章　夜雨', '章', 12, '夜雨'],
    ['卷之二', '卷', 2, ''],
    ['第二册 夜雨', '册', 2, '夜雨'],
    ['上卷', '卷', 1, ''],
    ['卷中', '卷', 2, ''],
    ['下册', '册', null, ''],
    ['五、夜雨', null, 5, '夜雨'],
    ['（六）夜雨', null, 6, '夜雨'],
    ['十七', null, 17, ''],
    ['§ 7. The Quay', '§', 7, 'The Quay'],
    ['§ 7', '§', 7, ''],
  ] as const) {
    it(`are read from “${row}”`, () => {
      const label = parseLabel(row);
      assert.deepEqual([label?.keyword, label?.value, label?.title, label?.apart], [keyword, value, title, true]);
    });
  }

  for (const row of [
    'I have never seen him since',
    'One night, after the boys had gone',
    'In the first place',
    'Civil war',
    '1920 was a good year',
    'Did he come?',
    'I act as I must',
    'ONCE',
    'Otto',
    'The chapter ended',
    'Mix the flour',
    '一日無話',
    '上卷 夜雨',
    '下部有人高叫',
    '二、他說完就走了。',
  ]) {
    it(`are not seen in “${row}”`, () => {
      assert.equal(parseLabel(row)?.apart ?? false, false);
    });
  }
});

describe('rows', () => {
  it('lose dot leaders and page numbers', () => {
    assert.deepEqual(withoutPage('The Quay . . . . . . 17'), { text: 'The Quay', paged: true });
    assert.deepEqual(withoutPage('The Quay          xvii'), { text: 'The Quay', paged: true });
    assert.deepEqual(withoutPage('The Quay, 17'), { text: 'The Quay', paged: true });
    assert.deepEqual(withoutPage('The Quay in 1917'), { text: 'The Quay in 1917', paged: false });
  });

  it('have the same key in another case, with other quotes and accents', () => {
    assert.equal(keyOf('The “Café” — Quay’s'), keyOf('THE "CAFE"--QUAY\'S'));
  });

  it('are capitals when hardly a letter is not', () => {
    assert.equal(isCaps('THE QUAY'), true);
    assert.equal(isCaps('The DEATH of the HEN'), false);
    assert.equal(isCaps('1917'), false);
  });

  it('have roles by their names', () => {
    for (const [row, role] of [
      ['PREFACE.', 'preface'],
      ['Translator’s Preface', 'preface'],
      ['Table of Contents', 'contents'],
      ['LIST OF ILLUSTRATIONS', 'illustrations'],
      ['Epilogue', 'epilogue'],
      ['APPENDIX: THE MAP', 'appendix'],
      ['楔子', 'prologue'],
      ['目录', 'contents'],
      ['DRAMATIS PERSONÆ.', 'other'],
      ['Index capitum', 'contents'],
    ] as const)
      assert.equal(roleOf(row)?.role, role, row);
    assert.equal(roleOf('The Notes of a Quay'), null);
  });
});
