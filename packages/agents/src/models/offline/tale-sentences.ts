/**
 * The sentences of the tales that the offline writer tells. A tale is a chain of errands: whoever knows something wants a
 * thing for it, and gives another thing, which somebody else will want. Such a chain may be as long as it has to be, and
 * everything in it follows from what was before. A slot is `{name}`; `{Name}` begins a sentence.
 */

/** What begins a tale: whose it is, what it is about, and the first thing. */
export const openings: readonly string[] = [
  'This is {tale}. It began at {home}, {hour}, when {hero} found a {thing} where no one could have left it.',
  'They tell {tale} in many ways, and in all of them {hero} stands at {home}, {hour}, with a {thing} in one hand.',
  '{Weather} on the day on which {hero} was given a {thing}, and with it {tale}. There was nobody at {home} who knew the end of it.',
  'Of {tale} everybody at {home} knew the first line, and only {hero} wanted to know the last. There was a {thing} to begin with, and nothing else.',
  'At {home} nobody opened the door {hour}, and so the {thing} lay on the step until {hero} came by. That is how {tale} came to somebody who would not let it be.',
  '{Hero} had heard {tale} as a child and taken it for one of those things that one says in winter. Then, {hour}, the {thing} lay on the table at {home}.',
];

/** Who comes along. */
export const companions: readonly string[] = [
  'It was {other} who said that nobody should go so far alone, and came along.',
  '{Other} came too, having nothing better to do, or so {other} said.',
  '"Show me that," said {other}, and from then on there were two of them.',
  'Before the last house {other} caught up, out of breath, with bread for three days.',
  'The only one who did not laugh was {other}, and so they went together.',
];

/** What begins a later chapter. */
export const reopenings: readonly string[] = [
  '{Weather}. {Hero} woke with the {thing} still in one hand, and {other} had the fire going.',
  'In the morning the {thing} was where {hero} had put it, and the question was where it had always been.',
  '"How far is it?" asked {other}. {Hero} weighed the {thing} in one hand. "As far as somebody wants this."',
  'They had slept in a barn, and {other} had dreamed of {home}. {Hero} had not dreamed at all, and held on to the {thing}.',
  '{Hour} {hero} and {other} were on the road again, and the {thing} went with them.',
  'A {thing} is not much to show for so long a way, as {other} said more than once before noon.',
  'What woke them was {sound}. {Hero} felt for the {thing}, found it, and was wide awake.',
  'Whoever carries a {thing} from one place to the next is asked about it, and {hero} had run out of answers by the second village.',
];

export const arrivals: readonly string[] = [
  'So they came to {place}, where a {folk} was said to know more than was good for business.',
  'The way to {place} was longer than anybody had told them, and at the end of it sat a {folk}, as if on purpose.',
  'At {place} only one window was lit. Behind it a {folk} looked up, not very surprised.',
  '{Weather} when they found {place}, and the {folk} who lived there let them in because of that, and for no other reason.',
  'There is a {folk} at {place}, people said, and then they said no more. {Hero} knocked all the same.',
  '{Place} had seen better days, and the {folk} who kept it had seen most of them go.',
  '{Hour} they stood at {place}, and a {folk} asked from above who was there, and whether it could wait.',
  'They would have passed {place} by if it had not been for {sound}, and for the {folk} who came out to see where it came from.',
  'It took a morning to reach {place}, and half of the afternoon until the {folk} there had finished looking at them.',
  'From afar {place} looked empty. From near by it had a {folk} in it, who was counting something and would not be disturbed.',
  'All roads to {place} go uphill, as the {folk} there liked to say to people who had no breath left to answer.',
  'A dog showed them the way to {place}, and left them there with a {folk} who did not own one.',
  'On the door of {place} was written that nobody was in. It was a {folk} who had written it, and who opened.',
  'They asked for {place} three times, and got four answers; the {folk} whom they asked last was the one that they were looking for.',
];

/** What is asked, and what is told of it. */
export const questions: readonly string[] = [
  '"We have come about the {topic}," said {hero}.',
  '{Hero} asked about the {topic}, as plainly as one can.',
  '"You will have heard of the {topic}," said {hero}, and the {folk} put down a cup.',
  '"Is it true, what they say of the {topic}?"',
  '{Other} was the first to speak: "It is because of the {topic}."',
  '"Nobody sends people here for the view," said the {folk}. "What is it?" "The {topic}," said {hero}.',
  '{Hero} had prepared a long sentence, and in the end there were two words of it left: the {topic}.',
  '"Before you say no," said {hero}, "it is about the {topic}."',
  'They talked of the roads, and of the price of salt, and only then of the {topic}.',
  '"Somebody told us," said {other}, "that you are the one to ask about the {topic}."',
  '{Hero} drew it on the table with a wet finger, and the {folk} knew at once that it was about the {topic}.',
];

export const answers: readonly string[] = [
  '"I was there," said the {folk}, "and I looked the other way. Most of what is told was made up by people like me."',
  '"My mother knew the end of it," said the {folk}. "She said that it was too short to be worth the beginning."',
  '"There are two who know," said the {folk}. "The other one is at {next}, and we do not speak."',
  'The {folk} laughed, and then did not. "You are the second to ask this year. The first one did not come back this way."',
  '"What you have heard is right," said the {folk}, "but you have it in the wrong order."',
  '"One thing I can tell you," said the {folk}. "It was not lost. It was put away, by somebody who meant to come back."',
  'The {folk} shut the window before answering. "It was never about that. It was about who would have to say it first."',
  '"Ask me something easier," said the {folk}, and then, after a while: "It happened at night, and it was very quiet."',
  '"Everybody here had a part in it," said the {folk}. "That is why you will find nobody who did it."',
  'The {folk} fetched an old newspaper, in which there was a hole where the answer had been. "Not I," said the {folk}. "Somebody from {next}."',
  '"I know what was said," answered the {folk}, "and I know who was meant to hear it. I have never known whether it arrived."',
  '"They paid my father to forget it," said the {folk}, "and he was an honest man. But he talked in his sleep."',
  '"You will not like it," said the {folk}. "It is nobody\'s fault. It is only that nobody asked in time."',
  'The {folk} looked at {hero} for as long as one looks at the sky. "You have the same chin as the one who told me."',
  '"It is half true," said the {folk}, "and the half that is true is the one that you do not believe."',
];

/** What the answer costs: what the {thing} is wanted for. */
export const wants: readonly string[] = [
  '"I could tell you more for that {thing}. I have been without one since the flood."',
  'It turned out that the {folk} had looked for a {thing} for eleven years, and had given up on the very day before.',
  '"The rest is not for nothing," said the {folk}, and pointed at the {thing}.',
  'The {folk} had seen the {thing} long before, and had tried not to look at it. "Leave me that, and I will tell you where to go."',
  '"What would you take for the {thing}?" asked the {folk}, who had not asked anybody for anything in years.',
  '"That {thing} was mine once," said the {folk}. It was not true, and all three of them knew it.',
  '"My sister is to be married," said the {folk}, "and she wants a {thing}. Do not ask me why."',
  'Over the stove there was a nail on which a {thing} had hung; one could see its outline on the wall. {Hero} understood.',
  '"There is a {thing} in the song that my people sing," said the {folk}, "and I have never seen one."',
  'The {folk} did not want money. The {folk} wanted the {thing}, and said so to {other}, as though {hero} were not there.',
  '"Swap," said the {folk}, like a child, and put out a hand for the {thing}.',
  '"With a {thing} like that," the {folk} said slowly, "one could finish what was begun here."',
];

/** What stands between. */
export const chores: readonly string[] = [
  'But first they had to {chore}, and it was dark before that was done.',
  'There was one more condition: to {chore}. {Other} did most of it, and never let anybody forget it.',
  '"And you will {chore}," said the {folk}. "I am too old for that, and too proud to ask a neighbour."',
  'For a whole night they had to {chore}, since it was the custom there, and nobody could say what would happen otherwise.',
  '{Hero} would have agreed to more. As it was, they had only to {chore}.',
  'They shook hands on it, and then the {folk} remembered that somebody would have to {chore}. It took until noon.',
  '{Other} wanted to leave. {Hero} stayed to {chore}, and slept badly, and was glad of it afterwards.',
  'Nobody had told them that to {chore} is a thing that one can do wrong in so many ways. At the third try it was good enough.',
  'While {hero} went to {chore}, {other} and the {folk} played cards, and both of them cheated.',
  'It cost them a day to {chore}. {Other} counted the hours aloud.',
];

/** What is given for it, and where it leads. */
export const gifts: readonly string[] = [
  'In the end {hero} had a {gift} in place of the {thing}, and a name: {next}.',
  "The {thing} stayed there. What they took with them was a {gift}, wrapped in last year's newspaper, and the way to {next}.",
  '"Take this," said the {folk}: a {gift}. "They will want it at {next}. They will not say so."',
  'So the {thing} changed hands. For it {hero} got a {gift}, and a push in the direction of {next}.',
  '"It is a poor exchange," said {other} outside, looking at the {gift}. "It is the way to {next}," said {hero}.',
  'A {gift} for a {thing}: nobody would have called that a bargain. But now they knew that it was {next} where they had to ask.',
  'The {folk} held the {thing} up to the light, and for the first time looked content. "{Next}," was all that there was to hear, and a {gift} lay in the hand of {hero}.',
  'When they left they had a {gift}, which was heavier than it looked, and the word of the {folk} that somebody at {next} would know it.',
  'On the back of the {gift} that they got for the {thing} was written where to go: {next}.',
  '"Never give it to anyone who asks for it," the {folk} said of the {gift}, and then described the way to {next}, left turn by left turn.',
  'The {folk} hung up the {thing}, stepped back, and cried a little. {Hero} took the {gift} that lay ready, and {other} asked for the way to {next}.',
  'Nothing more was said. On the table lay a {gift}; outside was the road to {next}; and the {thing} was where it belonged.',
];

/** Between two errands: those who go together. */
export const crossings: readonly string[] = [
  '"Why do you want to know it at all?" asked {other} on the way. {Hero} thought about it as far as the next milestone. "Because nobody has asked me not to."',
  '{Other} told a story that had nothing to do with theirs, and it was the best part of that day.',
  'They shared what bread there was, and {hero} kept the crust for later out of habit.',
  '"When this is over," said {other}, and then they walked on for a while without saying what.',
  'It rained as if somebody had asked for it. For an hour there was nothing to do but wait under a bridge and watch the road.',
  'A child ran by with a kite and no string, and neither of them could afterwards say whose child it was.',
  '"You could have stayed at home," said {other}. "So could you," said {hero}, and that was the end of the quarrel.',
  '{Other} found {trifle} by the side of the road and put it into a pocket, for luck or for later.',
  'At the crossroads they tossed a coin. It fell into the ditch, and so they went straight on.',
  'They quarrelled about the map, and made peace when it turned out that it was a map of somewhere else.',
  'Somebody was following them, as {other} said. It was a goat, and it went its own way at the river.',
  '"Do you hear it?" asked {hero}. It was {sound}. "I have heard it since we left," said {other}. "I thought that it was mine."',
  'That night {other} confessed to having known about the {topic} all along, or a part of it. {Hero} had known that, or a part of it.',
  '{Hero} wrote down what they had learned so far. It fitted on the back of a ticket.',
  'They were given a lift on a cart full of pears, and talked with their mouths full about the {topic}.',
  '{Other} limped, and would not say since when. They went more slowly after that, as if by chance.',
];

/** Of nobody in particular: what one says while one walks. */
export const remarks: readonly string[] = [
  'It is easy to be brave about things that have already happened.',
  'There are questions that one asks only in order not to be asked.',
  'It did not feel like a beginning, but then beginnings seldom do.',
  'Whoever hides a thing well wants it to be found by somebody in particular.',
  'What is said late is not said worse, only to fewer people.',
  'Most doors are opened by people who were looking for something else.',
  'No one is as careful with a secret as somebody who has already lost one.',
  'It is not the dark that frightens people, but the lamp on the other side of it.',
  'What one carries far enough becomes an answer, whatever it was before.',
  'Of two people who keep silent, one is always listening.',
  'A way that one has gone once is half as long, and half as interesting.',
  'Nothing makes people as honest as the wrong question.',
  'Those who have nothing to tell have usually told it already.',
  'One gets used to being lost sooner than one gets used to arriving.',
];

/** What ends a chapter that another one follows. */
export const partings: readonly string[] = [
  'They slept under the sky that night, the {thing} between them, and in the morning there was still the way to {next}.',
  '"Tomorrow," said {other}. "Tomorrow," said {hero}, and did not let go of the {thing}.',
  'When they looked back, somebody stood in the road with a lantern, and did not wave.',
  'It was too dark to go on. {Hero} put the {thing} under the pillow, and lay awake.',
  'That evening {other} asked for the first time whether they would be sorry to know it. {Hero} looked at the {thing} and had no answer.',
  'And because nobody had told them to stop, they went on: with a {thing}, and toward {next}.',
  'Behind them a door was locked twice. Before them lay the road to {next}, and it had begun to snow.',
  'They had the {thing} now. That it was the wrong time of the year to go to {next}, they learned only on the way.',
];

/** How it turns out: the last thing meets the first question. */
export const truths: readonly string[] = [
  'There was nobody at {place}. There was a table with three chairs, and on the wall a shelf with a gap just as wide as a {thing}. {Hero} put it there; it fitted; and a drawer sprang open in which lay the end of the story, in a hand that {hero} knew from home.',
  'At {place} an old woman took the {thing} without a word, turned it over, and read what was scratched there: a date that was today\'s. "Then you are the one," she said to {hero}, and told it from the beginning. It took less than a minute.',
  'At {place} they found out why everybody had known only a part. The {thing} was the last part: one had to hold it against the light and look through it at {home}, far below, to see what the {topic} had to do with it.',
  '"It was me," said {other} at {place}, before anybody had asked. All of it, the {thing} too: it had come from {other} in the first place, long ago, and had gone from hand to hand until it was given back. That was the whole secret of the {topic}.',
  'The door of {place} opened only to somebody who brought a {thing}. Behind it stood a mirror, and in front of the mirror lay a book, in which {hero} wrote down what nobody had wanted to say about the {topic}. There were other hands on the pages before.',
  'At {place} the {thing} was nothing special: there were hundreds of them, one for each who had come so far. {Hero} hung it up with the others and was told what they all had been told about the {topic}: that it had been true all along, and that it was enough to have asked.',
];

export const endings: readonly string[] = [
  'They went home by the short way. At {home} nobody asked, and {hero} told it all the same.',
  'There is a light at {home} now, and people who come by {hour} say that somebody is telling the story there, with the right ending.',
  '{Hero} kept nothing of it but the habit of leaving the door open. {Other} comes in by it, now and then, and never brings anything that is of any use.',
  'When they parted at {home}, {other} gave {hero} a button to remember it by. It is a good button. Nobody has wanted it yet.',
  'It was not what they had come for. They took it home to {home} all the same, and set a place for it at the table.',
  '{Hour}, a year later, {hero} found another thing on the step at {home}, and looked at it for a long time, and put on a coat.',
];
