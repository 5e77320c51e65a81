/** A secret as programs write it: as it is, escaped as JSON, encoded for URLs, as base64 wherever it begins, and as hex. */
export function secretForms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const hex = bytes.toString('hex');
  const url = encodeURIComponent(secret.toWellFormed());
  const plain = [secret, JSON.stringify(secret).slice(1, -1), url, url.replaceAll('%20', '+'), hex, hex.toUpperCase()];
  return [...new Set([...plain, ...base64Of(bytes)])];
}

/** What is always the same of the base64 of a text that holds the bytes, wherever in it they begin. */
function base64Of(bytes: Buffer): readonly string[] {
  const middles = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const isWhole = (bytes.length + offset) % 3 === 0;
    return encoded.slice(Math.ceil((offset * 4) / 3), isWhole ? encoded.length : -1);
  });
  return middles.flatMap((middle) => [middle, middle.replaceAll('+', '-').replaceAll('/', '_')]);
}
