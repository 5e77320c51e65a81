import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseNumber, printNumber } from './numerals.ts';

const value = (text: string): number | null => parseNumber(text)?.value ?? null;

describe('parseNumber', () => {
  it('reads back what every scheme prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3999 }), fc.constantFrom('arabic', 'roman', 'words', 'chinese'), (number, scheme) => {
        assert.deepEqual(parseNumber(printNumber({ value: number, scheme })), { value: number, scheme });
      }),
    );
  });

  const readings: { readonly [group: string]: { readonly [text: string]: number | null } } = {
    digits: { '12': 12, '12.': 12, '12th': 12, '1st': 1, '2nd': 2, '１２': 12, ' 7 ': 7, '1a': null, '-3': null },
    roman: {
      XII: 12,
      xii: 12,
      IIII: 4,
      XXXX: 40,
      'XIV.': 14,
      viij: 8,
      VIIII: 9,
      IM: null,
      IVX: null,
      XIIV: null,
      MIX: 1009,
      Mix: null,
      Di: null,
      LXXXX: 90,
    },
    'English words': {
      One: 1,
      'TWENTY-ONE': 21,
      'twenty-first': 21,
      'the First': 1,
      'Twenty Second': 22,
      'one hundred and third': 103,
      'a hundred': 100,
      'two thousand': 2000,
      'one thousand two hundred and thirty-four': 1234,
      NINETEENTH: 19,
      twentieth: 20,
      'one one': null,
      'one twenty': null,
      'first two': null,
      and: null,
      the: null,
      a: null,
      story: null,
    },
    German: {
      erstes: 1,
      zweiter: 2,
      drittes: 3,
      siebente: 7,
      siebtes: 7,
      achtes: 8,
      einundzwanzigstes: 21,
      zwoelftes: 12,
      dreißigste: 30,
      dreissigste: 30,
      eins: 1,
    },
    French: {
      premier: 1,
      première: 1,
      deuxième: 2,
      second: 2,
      cinquième: 5,
      neuvième: 9,
      'vingt et unième': 21,
      'vingt-et-un': 21,
      'soixante-dix': 70,
      'quatre-vingt-dix-neuf': 99,
      'quatre-vingts': 80,
    },
    Chinese: {
      一: 1,
      十: 10,
      十五: 15,
      二十: 20,
      二十一: 21,
      廿: 20,
      廿一: 21,
      卅: 30,
      卅五: 35,
      卌: 40,
      卌二: 42,
      一百零三: 103,
      一百〇三: 103,
      '一百○八': 108,
      一百零十: 110,
      一百十: 110,
      百十: 110,
      二百一十三: 213,
      一千零一: 1001,
      一万: 10_000,
      壹: 1,
      貳拾壹: 21,
      叁佰: 300,
      參: 3,
      陸拾: 60,
      二一: 21,
      '二○三': 203,
      一〇〇: 100,
      '１２': 12,
      第十二: 12,
      '第 三': 3,
      两: 2,
      初: 1,
      一六: 16,
      十十: null,
      二百三百: null,
      上: null,
      十二回: null,
      九十一一: null,
      二三十: 30,
    },
  };
  for (const [group, cases] of Object.entries(readings)) {
    it(`reads ${group}`, () => {
      assert.deepEqual(Object.fromEntries(Object.keys(cases).map((text) => [text, value(text)])), cases);
    });
  }

  it('counts only the last digit before a unit, so that a sequence check sees the misprint', () => {
    assert.equal(value('一一十'), 10);
  });

  it('answers nothing but a number or null to any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const read = parseNumber(text);
        assert.ok(read === null || (Number.isInteger(read.value) && read.value >= 0));
      }),
    );
  });
});
