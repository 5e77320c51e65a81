import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gif, jpeg, png, svg, webp } from '../../test/pictures.ts';
import { pictureType } from './picture-type.ts';

const refusal = (bytes: Uint8Array | string): string => {
  const found = pictureType(Buffer.from(bytes as string));
  return 'refused' in found ? found.refused : `carried as ${found.mediaType}`;
};

describe('what a picture is', () => {
  it('is told by its bytes', () => {
    const found = [jpeg, png(3, 2, 7), gif, webp, Buffer.from(svg)].map((bytes) => pictureType(bytes));
    assert.deepEqual(found, [
      { mediaType: 'image/jpeg', ending: 'jpg', size: { width: 1, height: 1 } },
      { mediaType: 'image/png', ending: 'png', size: { width: 3, height: 2 } },
      { mediaType: 'image/gif', ending: 'gif', size: { width: 1, height: 1 } },
      { mediaType: 'image/webp', ending: 'webp', size: { width: 1, height: 1 } },
      { mediaType: 'image/svg+xml', ending: 'svg', size: null },
    ]);
  });

  it('is refused where it is none, cut off, or would unfold beyond any device', () => {
    assert.equal(refusal('GIF'), 'is no JPEG, PNG, GIF, WebP or SVG');
    assert.equal(refusal('<html><svg/></html>'), 'is no JPEG, PNG, GIF, WebP or SVG');
    assert.equal(refusal(jpeg.subarray(0, 40)), 'is damaged: it does not say its size');
    assert.equal(refusal(png(1, 1, 0).subarray(0, 20)), 'is damaged: it does not say its size');
    const huge = png(1, 1, 0);
    huge.writeUInt32BE(60_000, 16);
    huge.writeUInt32BE(60_000, 20);
    assert.match(refusal(huge), /^has 60000 × 60000 pixels/);
  });

  it('is a drawing only where that can neither act nor fetch', () => {
    const drawing = (inside: string, before: string = ''): string =>
      refusal(`${before}<svg xmlns="http://www.w3.org/2000/svg">${inside}</svg>`);
    for (const inside of [
      '<a href="#c"><path d="M0 0"/></a>',
      '<g fill="url(#g)"/>',
      '<text>come on = 3</text>',
      '<style>.a { fill: red }</style>',
    ])
      assert.equal(drawing(inside), 'carried as image/svg+xml', inside);
    for (const inside of [
      '<script>1</script>',
      '<svg:script xmlns:svg="http://www.w3.org/2000/svg">1</svg:script>',
      '<g onload="x()"/>',
      "<g\nonclick='x()'/>",
      '<foreignObject/>',
      '<image href="http://a.example/x.png"/>',
      '<image xlink:href="x.png"/>',
      '<image href="data:image/png;base64,AA=="/>',
      '<a href="java&#115;cript:x()"/>',
      '<g style="fill: url(http://a.example/)"/>',
      '<style>@import "x.css";</style>',
      '<animate attributeName="x" onbegin="x()"/>',
    ])
      assert.match(drawing(inside), /^is a drawing that/, inside);
    assert.match(drawing('', '<!DOCTYPE svg [<!ENTITY a "b">]>'), /^is/);
    assert.match(drawing('', '<?xml-stylesheet href="x.css"?>'), /style from elsewhere/);
  });
});
