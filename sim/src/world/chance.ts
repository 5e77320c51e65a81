/** Numbers from seeds, in named streams: another draw of one stream changes nothing about the others. */

export interface SeededChance {
  /** From 0 to below `below`. */
  readonly number: (stream: string, below: number) => number;
  readonly bytes: (stream: string, count: number) => Uint8Array;
}

export function createChance(seed: number): SeededChance {
  const streams = new Map<string, () => number>();
  const draw = (stream: string): number => {
    const known = streams.get(stream) ?? mulberry32(mixed(seed, stream));
    streams.set(stream, known);
    return known();
  };
  return {
    number: (stream, below) => Math.floor((draw(stream) / 2 ** 32) * below),
    bytes: (stream, count) => Uint8Array.from({ length: count }, () => draw(stream) >>> 24),
  };
}

/** FNV-1a over the stream's name, begun with the seed. */
function mixed(seed: number, stream: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < stream.length; index += 1) hash = Math.imul(hash ^ stream.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}

/** mulberry32 (Tommy Ettinger): 32 bits a draw. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
