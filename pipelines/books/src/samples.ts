/** Clean texts and their defects, for whoever measures what cleaning does about them. */

export { changesOf, scoreSpoiled, type SpoilScore } from './samples/spoil-score.ts';
export { printClean, spoilKinds, spoilText, type SpoilKind, type SpoiledText } from './samples/spoil.ts';
export { sourceOfText } from './source/text.ts';
