/** What each kind of finding means to an editor, and what to do about it. */

export interface Explanation {
  readonly name: string;
  readonly means: string;
  readonly then: string;
}

const look = 'Look at the line in the source.';

const explanations: { readonly [type: string]: Explanation } = {
  duplicate: {
    name: 'Number twice',
    means: 'A chapter number stands at two headings.',
    then: 'Compare the two: the source repeats a chapter, or one number is misprinted.',
  },
  gap: {
    name: 'Numbers missing',
    means: 'Between two headings one or more numbers are left out.',
    then: 'See whether the chapter is missing in the source, or its heading was not recognised.',
  },
  out_of_order: {
    name: 'Numbers out of order',
    means: 'A number is lower than the one before it.',
    then: 'The source has chapters in another order, or a misprinted number.',
  },
  no_number: {
    name: 'No number',
    means: 'A heading has no number where the others have one.',
    then: 'Often a preface; else the number is misprinted and could not be read.',
  },
  nonstandard_start: {
    name: 'Does not begin with 1',
    means: 'The first number is another one.',
    then: 'A later volume, or the beginning is missing.',
  },
  continuation_volume: { name: 'Goes on from a volume', means: 'The catalog knows the book as a later volume.', then: 'Nothing to do.' },
  empty: {
    name: 'No text',
    means: 'A heading is followed by the next one.',
    then: 'The text is missing in the source, or the heading is none.',
  },
  very_short: {
    name: 'Very short',
    means: 'A chapter has a small share of what the others have.',
    then: 'Perhaps a line that was taken for a heading.',
  },
  very_long: {
    name: 'Very long',
    means: 'A chapter is many times as long as the others.',
    then: 'Perhaps a heading in it was not recognised.',
  },
  wrong_encoding: {
    name: 'Declared encoding is wrong',
    means: 'The bytes are not what the file says they are.',
    then: 'The bytes were believed; look for broken letters.',
  },
  mojibake: {
    name: 'Letters decoded wrongly',
    means: 'The source was saved in a wrong encoding before it came here.',
    then: 'What was certain is mended; look at the rest.',
  },
  language_mismatch: {
    name: 'Another language',
    means: 'The text is not in the language that its header names.',
    then: 'Correct the metadata.',
  },
  not_in_catalog: {
    name: 'Not in the catalog',
    means: 'No work of this number, or of this title and author.',
    then: 'Check title and author; the metadata are those of the file alone.',
  },
  catalog_mismatch: {
    name: 'Number of another work',
    means: 'The catalog has another work under the number of this file.',
    then: 'Correct the number or the file name; nothing was taken from the other work.',
  },
  catalog_similar: {
    name: 'Found by a similar title',
    means: 'The work of the catalog is not called quite the same.',
    then: 'See that it is the same work.',
  },
  real_mismatch: {
    name: 'Contents and heading differ',
    means: 'The contents list has another title than the chapter.',
    then: 'Decide which one is right.',
  },
  minor_difference: {
    name: 'Slightly different title',
    means: 'Contents and heading differ in a subtitle, small words or signs.',
    then: 'Usually nothing.',
  },
  transcription_error: {
    name: 'Slip in a title',
    means: 'Contents and heading differ by a few letters.',
    then: 'One of the two has a typing or scanning error.',
  },
  judges_differ: {
    name: 'Model and rules differ',
    means: 'The model judges a unit otherwise than the rules.',
    then: 'Look first at those of which both are sure.',
  },
  number_match: {
    name: 'Matched by number',
    means: 'Contents entry and chapter have one number and different titles.',
    then: 'See that they belong together.',
  },
  contained_match: {
    name: 'Matched by a part of the title',
    means: 'The title of one is within the title of the other.',
    then: 'Usually nothing.',
  },
  normalised_match: {
    name: 'Matched but for small things',
    means: 'Contents entry and chapter differ in case, signs or small words.',
    then: 'Usually nothing.',
  },
  similar_match: {
    name: 'Matched but for a few letters',
    means: 'Contents entry and chapter differ by a slip.',
    then: 'One of the two has a typing or scanning error.',
  },
  notes: {
    name: 'Notes without marks',
    means: 'Notes whose marks in the text were not found, or marks whose notes were not.',
    then: 'Link them by hand, or leave them where they stand.',
  },
  missing_entry: {
    name: 'Added to the contents',
    means: 'The printed list has no entry for the chapter.',
    then: 'See that it is a chapter.',
  },
  unmatched_entry: {
    name: 'Contents entry without chapter',
    means: 'The printed list names what was not found in the text.',
    then: 'A heading was not recognised, or the text is missing.',
  },
  picture_refused: {
    name: 'Pictures left behind',
    means: 'The source shows pictures that could not be carried over.',
    then: 'See whether one of them is missing in the source, and put it there.',
  },
  picture_drawn: {
    name: 'Drawings left behind',
    means: 'Drawings in the markup show what stands elsewhere in their pages, so that they are none without these.',
    then: 'Where they matter, save them as pictures.',
  },
  nav_title: {
    name: 'Contents and text differ',
    means: 'An entry of the EPUB’s contents is not what stands where it leads.',
    then: 'Compare the two: one of them has a slip, or the link leads elsewhere.',
  },
  nav_target: {
    name: 'Contents lead nowhere',
    means: 'An entry of the EPUB’s contents leads to what is not there.',
    then: 'See whether the chapter is missing.',
  },
  nav_order: {
    name: 'Contents in another order',
    means: 'The EPUB’s contents name chapters in another order than the text has.',
    then: 'The order of the text was kept; see that it is right.',
  },
  nav_missing: {
    name: 'Missing in the contents',
    means: 'The text has a heading like the others that the EPUB’s contents leave out.',
    then: 'It was added; see that it is a chapter.',
  },
  nav_not_believed: {
    name: 'Contents not believed',
    means: 'Most of the EPUB’s contents are not found where they lead.',
    then: 'The headings of the text divide the book; look through its chapters.',
  },
  stage_failed: { name: 'A stage failed', means: 'The book went on without its result.', then: 'Read the message, and try again.' },
};

/** Types that nobody has written about yet speak for themselves. */
export function explain(type: string): Explanation {
  const plain = type.replaceAll('_', ' ');
  const volume = /^volume_(.+)$/.exec(type)?.[1];
  const known = explanations[type] ?? (volume === undefined ? undefined : explanations[volume]);
  if (known === undefined) return { name: plain.charAt(0).toUpperCase() + plain.slice(1), means: '', then: look };
  return volume === undefined ? known : { ...known, name: `${known.name} (volumes)` };
}

const removals: { readonly [kind: string]: string } = {
  boilerplate: 'header of the distributor',
  licence: 'licence of the distributor',
  pageMark: 'page numbers and marks',
  runningHead: 'running heads',
  markup: 'signs of markup',
  noteMark: 'marks of notes',
  duplicate: 'repeated text',
  mojibake: 'letters decoded wrongly',
  ligature: 'ligatures',
  misreading: 'misread words',
  hyphen: 'hyphens in broken words',
};

export function removalName(kind: string): string {
  return removals[kind] ?? kind.replace(/([A-Z])/g, ' $1').toLowerCase();
}
