/** The words and sentences that the offline writer has. A slot is `{name}`; `{Name}` begins a sentence. */

export const firstNames: readonly string[] =
  'Ada,Bram,Celia,Dorian,Edith,Felix,Greta,Hugo,Imogen,Jonas,Katya,Leo,Mara,Nils,Odile,Piet,Quentin,Rosa,Silas,Tove,Ursula,Viktor,Wanda,Yusuf,Zora'.split(
    ',',
  );
export const lastNames: readonly string[] =
  'Albright,Brandt,Castell,Dunmore,Ekdal,Farrow,Grieve,Halloran,Ives,Jessop,Kessler,Lund,Merrow,Novak,Orme,Pell,Quill,Rask,Sorrel,Thorne,Vane,Winter'.split(
    ',',
  );
export const places: readonly string[] = [
  'the old ferry landing',
  'the archive below the town hall',
  'the kitchen with one lamp',
  'the signal house on the hill',
  'the market street after closing',
  'the reading room of the harbour library',
  'the long stairs behind the mill',
  'the greenhouse that nobody heats',
  'the last platform of the station',
  'the schoolyard under the chestnut trees',
];
export const objects: readonly string[] = [
  'brass key',
  'folded map',
  'cracked lantern',
  'ledger',
  'silver whistle',
  'unsent letter',
  'pocket watch',
  'photograph',
  'red thread',
  'glass jar',
];
export const weathers: readonly string[] = [
  'Rain came in from the sea',
  'A dry wind moved the shutters',
  'Fog lay in the streets',
  'The air smelled of snow',
  'The light went early',
  'A thin frost held the roofs',
  'Thunder walked along the hills',
];
export const titleFirsts: readonly string[] = [
  'The Keeper of',
  'A Season of',
  'The Last',
  'What the River Knew of',
  'The House of',
  'A Ledger of',
  'The Weight of',
];
export const titleLasts: readonly string[] = [
  'Small Lights',
  'Quiet Hours',
  'Borrowed Time',
  'Salt and Paper',
  'Open Doors',
  'Winter Birds',
  'Unsent Letters',
];
export const themes: readonly string[] = ['memory', 'loyalty', 'loss', 'courage', 'forgiveness', 'belonging', 'truth', 'hope'];

/** Sentences for whatever goes by these names in a contract. */
export const sentences: { readonly [kind: string]: readonly string[] } = {
  hook: [
    'On the morning it began, {hero} found the {object} where no one could have left it.',
    'Nobody in the town will say "{topic}" aloud, and {hero} is about to.',
  ],
  conflict: [
    '{Hero} wants the truth about the {object}, and {other} has promised to keep it hidden.',
    'To save {place}, {hero} has to break the word that was given to {other}.',
  ],
  purpose: [
    '{Hero} learns what the {object} is for.',
    '{Hero} must choose between {other} and {place}.',
    'What was promised is asked back.',
    'The price of looking away becomes plain.',
  ],
  beat: [
    '{Hero} finds the {object}.',
    '{Other} lies for the first time.',
    'At {place}, the lie comes apart.',
    '{Hero} gives the {object} back.',
  ],
  backstory: ['{Hero} grew up within sight of {place} and left it after a quarrel about a {object}.'],
  arc: ['From keeping silent, by way of one lie too many, to saying it aloud.'],
  voice: [
    'Short sentences, dry jokes, and a question where others would shout.',
    'Careful and a little formal, as of somebody who reads aloud for a living.',
  ],
  relation: ['Owes {other} an apology, and knows it.'],
  rule: [
    'Nothing that is written in the ledger can be taken back.',
    'The bells ring only for what is true.',
    'Nobody crosses the water after the lamps are lit.',
  ],
  history: ['Once, the whole valley lived from the ferry; since the bridge came, {place} has waited for a reason to stay.'],
  note: [
    'Let the reader see {place} before anyone speaks.',
    'Give {other} a reason that can be argued with.',
    'The middle moves too fast: stay with the {object} for a moment.',
  ],
  fact: [
    'Ferries of that kind were crewed by two, and never by one.',
    'A {object} of that age would be kept in oiled cloth.',
    'Lamps were lit half an hour after sunset.',
  ],
  memory: ['{Hero} has the {object}.', '{Other} knows more than was said at {place}.', 'Nobody has yet told {hero} who wrote the letter.'],
  development: ['{Hero} and {other} no longer trust each other.', 'The {object} has changed hands.'],
  pacing: ['Slow at first, quick in the middle, and quiet at the end.'],
  subplot: ['{Other} is looking for a way to leave {place} for good.'],
};

export const openings: readonly string[] = [
  '{Weather}, and at {place} {hero} was already awake.',
  '{Hero} came to {place} with a {object} and no clear idea of what to do with it.',
  'By the time {hero} reached {place}, the day had made up its mind about itself.',
  '{Weather}. {Hero} stood at {place} and counted the windows that were still lit.',
  'It began at {place}, {hour}, with {sound}.',
  '{Hour}, {hero} had walked past {place} twice, and each time a little more slowly.',
  'Of all who might have come to {place}, {hero} was the last whom {other} expected.',
  'The message said only "{topic}", and beneath it, in pencil, the way to {place}.',
  '{Weather}; {hero} turned up a collar and went on, since {place} would not come any nearer by itself.',
  'There were three chairs at {place}, and {hero} had never seen anyone sit in the third.',
];
export const actions: readonly string[] = [
  '{Hero} turned the {object} over, slowly, as if the other side could have changed since the last time.',
  'Somewhere behind {place} a door closed, and {hero} waited for the steps that ought to have followed.',
  '{Hero} wrote "{topic}" in the margin, underlined it twice, and tore out the page.',
  'It took {hero} an hour to find {other}, and a minute to regret it.',
  '{Other} had left the {object} on the sill, where anybody might have seen it.',
  'They walked along the wall without speaking, each of them sure that the other knew the way.',
  '{Hero} counted to ten, the way one does before cold water, and went in.',
  'There was a time when {hero} would have laughed; now there was only the {object}, and the work.',
  'People in the street had begun to say "{topic}" as though it were a place one could point at.',
  "Under the {object} lay a second one, smaller, wrapped in last year's newspaper.",
  '{Hero} {gesture}, and then, because nobody was looking, did it again.',
  '{Other} {gesture} and would not be hurried.',
  'From {place} came {sound}, and after it a silence that was meant for somebody.',
  '{Hour} the two of them were still there, with the {object} between them like a third guest.',
  '{Hero} put the {object} into a pocket, took it out again, and put it into the other one.',
  'On the back of the {object} somebody had scratched a date that had not come yet.',
  '{Other} laid {trifle} on the table, one finger on it, as one holds down a card.',
  'A child ran by with {trifle} held high, and neither of them could afterwards say whose child it was.',
  '{Hero} read the line about the {topic} aloud, stopped in the middle, and read it again from the start.',
  'The stairs at {place} had forty steps; {hero} counted forty-one.',
  'It was {other} who lit the lamp, and {hero} who wished it had stayed dark a little longer.',
  'They found {trifle} where the {object} ought to have been.',
  '{Weather}. For a while there was nothing to do but listen to it.',
  '{Hero} followed {sound} as far as the corner, and there it was on the other side of the wall.',
  'With the sleeve of a coat {other} wiped the dust from the {object}, and there was a name under it.',
  'Twice {hero} began a letter, and twice it turned into a list.',
  '{Other} poured two cups, drank from both, and {gesture}.',
  'Beyond {place} the road divides, and {hero} took the half that nobody mends.',
];
export const thoughts: readonly string[] = [
  'It is easy to be brave about things that have already happened.',
  'What {hero} remembered of that winter was not the cold but the waiting.',
  'Every promise, {hero} thought, has a door in the back.',
  'There are questions that one asks only in order not to be asked.',
  '{Hero} had always believed that the truth would be heavier.',
  'If {other} was right, then nothing that was said at {place} could be taken back.',
  'Perhaps that was all that the {topic} had ever been: a thing that people agreed not to look at.',
  'One can miss a place while standing in it; {hero} had not known that before.',
  'It did not feel like a beginning, but then beginnings seldom do.',
  'To be forgiven, {hero} thought, one would first have to be found out.',
  'Somebody had kept the {object} all these years, and keeping is a kind of speech.',
  '{Hero} knew three ways to say no, and not one of them would do for {other}.',
  'The trouble with the {topic} was that it asked so little, and asked it every day.',
  'Whoever hides a thing well wants it to be found by somebody in particular.',
  'What is said late is not said worse, only to fewer people.',
  '{Hero} had been right, and would have given a good deal for somebody to be wrong with.',
];
export const speeches: readonly string[] = [
  '"You should have told me about the {object}," {hero} said. "I tried," said {other}. "You were not listening yet."',
  '"Is it true, what they say of {place}?" {other} shrugged. "It is true on some days."',
  '"{Topic}," said {other}, as if the word alone were an answer. {Hero} did not write it down.',
  '"We can still go back," said {other}. "No," said {hero}. "We can only go home, and that is something else."',
  '"Who else knows?" "Everybody," {other} said, "and nobody who would say so."',
  '"Give me until the lamps are lit," said {hero}. {Other} looked at the sky, and nodded.',
  '"That is not what the {object} is for," said {other}. "Then tell me what is." But {other} only {gesture}.',
  '"I was told that you had left." "I had," said {hero}. "I did not get very far. Nobody does, from {place}."',
  '"Promise me one thing." "I have promised you that already," {other} said. "Promise me another."',
  '"Do you hear it?" {hero} asked. It was {sound}. "I have heard it all my life," said {other}. "I thought that it was mine."',
  '"What will you do with it?" "What one does with a {object}," said {hero}. "Keep it until somebody asks."',
  '"You speak of the {topic} as if it were over." "It is over," said {other}. "That is why one can speak of it."',
  '"How long have you known?" {other} {gesture} before answering. "Longer than you have been asking."',
  '"It is only {trifle}," said {hero}. "It was only {trifle} the last time," said {other}, "and look where we are."',
];
export const turns: readonly string[] = [
  'Then the {object} was gone, and with it the last reason to be polite.',
  'That was when {hero} understood: {other} had never meant to leave {place} at all.',
  "The letter was in {hero}'s own hand. There was no other way to read it.",
  'What came next took less than a minute, and they would speak of it for years.',
  'There was {sound}, and when it ended they were not alone any more.',
  '{Other} opened a hand, and in it lay the {object}, in two pieces.',
  'It was the wrong {object}. It had been the wrong one from the beginning.',
  '"It was me," said {other}, and all that was said of the {topic} fell into its place.',
  'Nobody had locked the door. {Hero} had only never tried it.',
];
export const closings: readonly string[] = [
  'In the end {hero} put the {object} back where it had been found, and left the door open.',
  'Nobody asked about "{topic}" again that year. {Hero} thought of it every day.',
  '{Weather}. At {place}, {hero} put out the lamp, and for once did not wait to see whether it stayed out.',
  '{Other} said nothing, and it was the kindest thing that anybody had said all day.',
  'When {hero} looked back, there was a light at {place}, and somebody was carrying it from room to room.',
  '{Hero} gave {other} the {object}. It had grown no lighter, but there were two of them now.',
  'It was not what they had come for. They took it home all the same, and set a place for it at the table.',
  '{Hour} they parted where the road divides, and neither of them counted the steps.',
];

/** What is filled into the sentences. */
export const hours: readonly string[] = [
  'long after midnight',
  'a little before dawn',
  'at the hour when shops are shut',
  'toward evening',
  'in the heat of noon',
  'between two trains',
  'before the first bells',
];
export const sounds: readonly string[] = [
  'a slow knocking',
  'the sound of water in a wall',
  'a tune with one note missing',
  'the creak of a rope',
  'laughter from very far down',
  'a bell that nobody had rung',
  'the scrape of a chair on stone',
];
export const gestures: readonly string[] = [
  'looked at both hands in turn',
  'closed the book on a finger',
  'moved the lamp a little to the left',
  'folded the paper until it could be folded no more',
  'straightened a picture that hung straight',
  'breathed on the glass and drew a line in it',
  'began to count the coins again',
];
export const trifles: readonly string[] = [
  'a button',
  'half a ticket',
  'a dried flower',
  'a spoon',
  'an empty envelope',
  'a key that fitted nothing',
  "a child's shoe",
  'the stub of a candle',
];
