import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawingOf } from './drawing.ts';

const fileOf = (markup: string): string | null => {
  const href = drawingOf(markup)?.href;
  return href == null ? null : Buffer.from(href.slice('data:image/svg+xml;base64,'.length), 'base64').toString();
};
const root = '<svg viewBox="0 0 9 9" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">';

describe('a drawing in the markup', () => {
  it('becomes a file of its own, whatever its page left out', () => {
    assert.equal(fileOf('<svg viewBox="0 0 9 9"><g><path d="M0 0h9"></svg>'), `${root}<g><path d="M0 0h9"></path></g></svg>`);
    assert.equal(fileOf('<svg:svg viewBox="0 0 9 9"><svg:rect/></svg:svg>'), `${root}<rect></rect></svg>`);
    assert.equal(
      fileOf('<svg viewBox="0 0 9 9"><text inkscape:label="x">a &lt; b&nbsp;c</text><sodipodi:view/></svg>'),
      `${root}<text>a &lt; b&amp;nbsp;c</text></svg>`,
    );
  });

  it('is none without what it shows', () => {
    const gradient = '<linearGradient id="g"/>';
    const filled = (inside: string): string => `<svg><defs>${inside}</defs><rect style="fill:url('#g')"/></svg>`;
    assert.match(fileOf(filled(gradient)) ?? '', /<rect style="fill:url\(#g\)">/);
    assert.equal(fileOf(filled('')), null);
    assert.deepEqual(drawingOf('<svg aria-hidden="true"><use href="#leaf"/></svg>'), { href: null, alt: '' });
    for (const empty of ['<svg/>', '<svg><defs><path id="p"/></defs></svg>', '<svg hidden=""><path/></svg>', '<p/>'])
      assert.equal(drawingOf(empty), null, empty);
  });

  it('has the words that it gives itself', () => {
    assert.equal(drawingOf('<svg aria-label="a leaf"><path/></svg>')?.alt, 'a leaf');
    assert.equal(drawingOf('<svg aria-label="a leaf"><title>A &amp; B</title><path/></svg>')?.alt, 'A & B');
    assert.equal(drawingOf('<svg><path/></svg>')?.alt, null);
  });
});
