/** Which errors are the same error: messages with everything that differs from item to item replaced. */

/** Longer messages are cut before they are compared. */
const MAX_MESSAGE = 400;

/** In this order: what comes first would be torn apart by what follows. No pattern can backtrack over more than a word. */
const replacements: readonly (readonly [RegExp, string])[] = [
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s'"`<>)]+/gi, '<url>'],
  [/"[^"\n]{0,200}"|`[^`\n]{0,200}`|“[^”\n]{0,200}”|«[^»\n]{0,200}»|(?<!\w)'[^'\n]{0,200}'(?!\w)/g, '<text>'],
  [/(?<![\w<])(?:[A-Za-z]:)?(?:\.{0,2}[/\\][^\s:;,'"`()<>]+)+/g, '<path>'],
  [/(?<![\w<])[\w.-]+(?:\/[\w.-]+)+/g, '<path>'],
  [/\b(?:sha256:)?[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b/gi, '<id>'],
  [/\d+(?:[.,]\d+)*/g, '<n>'],
];

/** The message with URLs, quoted parts, paths, ids and numbers replaced by placeholders. */
export function fingerprint(message: string): string {
  let text = message.slice(0, MAX_MESSAGE).replace(/\s+/g, ' ').trim();
  for (const [pattern, placeholder] of replacements) text = text.replace(pattern, placeholder);
  return text;
}
