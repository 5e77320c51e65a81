import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { measures } from '../score/measures.ts';
import { meanOf, scoreShapes } from './score.ts';
import { printShape, shapes } from './shapes.ts';

/** No shape may fall below `each`, nor their mean below `mean`: what invented books of one seed, which nothing was set on, reach. */
const floors: { readonly [measure: string]: { readonly each: number; readonly mean: number } } = {
  bounds: { each: 0.8, mean: 0.99 },
  toc: { each: 0.05, mean: 0.95 },
  level: { each: 0.05, mean: 0.97 },
  matter: { each: 0.85, mean: 0.99 },
  lost: { each: 0, mean: 0 },
};

describe('books of invented shapes', () => {
  it('are the same for the same seed, and others for another', () => {
    for (const shape of shapes.slice(0, 5)) {
      assert.equal(printShape(shape, 3).text, printShape(shape, 3).text);
      assert.notEqual(printShape(shape, 3).text, printShape(shape, 4).text);
    }
  });

  it('know where their units begin', () => {
    for (const shape of shapes) {
      const { text, gold } = printShape(shape, 2);
      const points = [...text];
      for (const { offset } of gold.units) if (offset !== null) assert.match(points[offset - 1]!, /\n/);
      assert.ok(gold.units.length >= 3, shape.name);
    }
  });

  it('have their structure found, every other one of them', async () => {
    const scores = await scoreShapes([101], (_, index) => index % 2 === 0);
    for (const [column, { name }] of measures.entries()) {
      const floor = floors[name];
      if (floor === undefined) continue;
      for (const score of scores) assert.ok(score.figures[column]! >= floor.each, `${score.name}: ${name} ${score.figures[column]}`);
      const mean = meanOf(scores.map((score) => score.figures[column] ?? null))!;
      assert.ok(mean >= floor.mean, `${name}: ${mean}`);
    }
  });
});
