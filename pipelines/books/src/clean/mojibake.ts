/** Text whose UTF-8 bytes were once read as Windows-1252 (`donâ€™t`, `cafÃ©`), read again as what they were. */

/** The characters of Windows-1252 at 0x80 to 0x9f; the five holes stand for themselves. */
const upper = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const byteOf: ReadonlyMap<string, number> = new Map([...upper].map((character, index) => [character, 0x80 + index]));
const suspicious = /[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6-\u02dc\u2013-\u2122]+/g;
const decoder: InstanceType<typeof TextDecoder> = new TextDecoder('utf-8', { fatal: true });

/** Repairs each run that is valid UTF-8 when its characters are taken as bytes; everything else stays. */
export function repairMojibake(text: string): string {
  return text.replace(suspicious, (run) => {
    const bytes = new Uint8Array(run.length);
    for (let index = 0; index < run.length; index += 1) {
      const code = run.charCodeAt(index);
      const byte = code < 0x100 ? code : byteOf.get(run[index]!);
      if (byte === undefined) return run;
      bytes[index] = byte;
    }
    try {
      return decoder.decode(bytes);
    } catch {
      return run;
    }
  });
}
