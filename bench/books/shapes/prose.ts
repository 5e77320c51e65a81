/** Running text that means nothing and reads like some language, with what in prose looks like a heading and is none. */

import type { Chance } from '@scriptorium/books/chance';

export type Language = SpacedLanguage | 'zh';
type SpacedLanguage = 'en' | 'fr' | 'de' | 'es' | 'it' | 'la' | 'pt' | 'nl' | 'sv' | 'fi';

interface Vocabulary {
  readonly small: readonly string[];
  readonly words: readonly string[];
  readonly nouns: readonly string[];
  readonly names: readonly string[];
  readonly quotes: readonly [string, string];
  /** Between two nouns of a title. */
  readonly of: readonly string[];
  readonly article: readonly string[];
}

const list = (text: string): readonly string[] => text.split(' ');

const vocabularies: { readonly [language in SpacedLanguage]: Vocabulary } = {
  en: {
    small: list('the of and to a in that it was he had with for as his her on at by which but not from they were so if this she or an'),
    words: list(
      'walked under heavy never evening answered slowly before water remembered strange little toward morning perhaps together between thought carried broken silence looked afterwards waiting against another window followed nothing beyond certain returned small without stood longer seemed among question voice',
    ),
    nouns: list(
      'Harbour Lantern Miller Orchard Captain Bridge Garden Letter Winter Stranger Island Market Shepherd Tower Journey Widow Forest Bargain Lighthouse Confession Storm Cottage Inheritance Ferry Quarrel Visitor Departure Mirror Wager Return',
    ),
    names: list('Mr. Ashby Miss Corwen Tobias Merrin Doctor Pell Lydia Harrow Judith Captain Strake'),
    quotes: ['“', '”'],
    of: ['of the', 'and the', 'in the', 'without a', 'at the'],
    article: ['The', 'A', 'The', 'My', 'Another'],
  },
  fr: {
    small: list('le la les de des un une et à en que qui dans il elle ne pas pour sur avec au se son sa mais'),
    words: list(
      'marchait lentement jamais soir répondit toujours avant lumière pensait silence devant autrefois regarda fenêtre rien chose matin pendant quelque homme',
    ),
    nouns: list(
      'Moulin Capitaine Jardin Lettre Hiver Étranger Île Marché Berger Tour Voyage Veuve Forêt Tempête Miroir Retour Pont Secret',
    ),
    names: list('Monsieur Brévault Julie Arnault Perrine Lambel'),
    quotes: ['« ', ' »'],
    of: ['du', 'de la', 'et le', 'dans le'],
    article: ['Le', 'La', 'Un'],
  },
  de: {
    small: list('der die das und in zu den von mit sich auf für ist im dem nicht ein eine als auch es an er so daß war'),
    words: list(
      'ging langsam niemals abends antwortete immer vorher wollte dachte schweigend damals blickte nichts draußen gegen morgens einmal während',
    ),
    nouns: list('Mühle Hauptmann Garten Brief Winter Fremde Insel Markt Hirte Turm Reise Witwe Wald Sturm Spiegel Heimkehr Brücke'),
    names: list('Herr Kestner Anna Brandt Lenore Vogt'),
    quotes: ['„', '“'],
    of: ['und der', 'an der', 'in der'],
    article: ['Der', 'Die', 'Das'],
  },
  es: {
    small: list('el la los de que y en un una con por para su no se al lo como más pero del'),
    words: list(
      'caminaba despacio nunca tarde respondió siempre antes agua pensaba silencio delante miró ventana nada cosa mañana durante hombre',
    ),
    nouns: list('Molino Capitán Jardín Carta Invierno Forastero Isla Mercado Pastor Torre Viaje Viuda Bosque Tormenta Espejo Regreso'),
    names: list('Don Álvaro Inés Robledo Teresa Cano'),
    quotes: ['«', '»'],
    of: ['del', 'de la', 'y el'],
    article: ['El', 'La', 'Un'],
  },
  it: {
    small: list('il la i di che e in un una con per non si al lo come più ma del della gli'),
    words: list(
      'camminava piano mai sera rispose sempre prima acqua pensava silenzio davanti guardò finestra niente cosa mattina mentre uomo',
    ),
    nouns: list(
      'Mulino Capitano Giardino Lettera Inverno Straniero Isola Mercato Pastore Torre Viaggio Vedova Bosco Tempesta Specchio Ritorno',
    ),
    names: list('Signor Brandi Lucia Fossati Renzo'),
    quotes: ['«', '»'],
    of: ['del', 'della', 'e il'],
    article: ['Il', 'La', 'Un'],
  },
  la: {
    small: list('et in non est cum ad ut quod si qui quae per ex sed atque ab'),
    words: list(
      'ambulabat semper numquam vespere respondit antea aquam cogitabat silentium fenestram nihil rem mane homines postea iterum',
    ),
    nouns: list('Molendinum Dux Hortus Epistula Hiems Hospes Insula Forum Pastor Turris Iter Vidua Silva Tempestas Speculum'),
    names: list('Marcus Livia Quintus Septimius'),
    quotes: ['"', '"'],
    of: ['et', 'de', 'in'],
    article: ['De', 'Ad'],
  },
  pt: {
    small: list('o a os de que e em um uma com por para não se ao como mais mas do da'),
    words: list(
      'andava devagar nunca tarde respondeu sempre antes água pensava silêncio diante olhou janela nada coisa manhã durante homem',
    ),
    nouns: list('Moinho Capitão Jardim Carta Inverno Estranho Ilha Mercado Pastor Torre Viagem Viúva Floresta Tempestade Espelho Regresso'),
    names: list('Senhor Prates Luísa Moura Tomás'),
    quotes: ['"', '"'],
    of: ['do', 'da', 'e o'],
    article: ['O', 'A', 'Um'],
  },
  nl: {
    small: list('de het een van en in dat op te is was met niet voor aan er om ook als maar'),
    words: list('liep langzaam nooit avond antwoordde altijd vroeger water dacht stilte keek venster niets morgen terwijl man'),
    nouns: list('Molen Kapitein Tuin Brief Winter Vreemdeling Eiland Markt Herder Toren Reis Weduwe Bos Storm Spiegel Terugkeer'),
    names: list('Mijnheer Verhulst Grietje Daalders'),
    quotes: ['„', '”'],
    of: ['van de', 'en de', 'in het'],
    article: ['De', 'Het', 'Een'],
  },
  sv: {
    small: list('och i att det som en på är av för med den till var inte om han hon men ett'),
    words: list('gick långsamt aldrig afton svarade alltid förr vatten tänkte tystnad såg fönster ingenting morgon medan man'),
    nouns: list('Kvarnen Kaptenen Trädgården Brevet Vintern Främlingen Ön Torget Herden Tornet Resan Änkan Skogen Stormen Spegeln'),
    names: list('Herr Lindqvist Karin Ekdal'),
    quotes: ['”', '”'],
    of: ['och', 'i', 'på'],
    article: ['Den', 'Om', 'När'],
  },
  fi: {
    small: list('ja on ei että se hän oli niin kuin mutta jo vain nyt sitten myös kun'),
    words: list('käveli hitaasti koskaan illalla vastasi aina ennen vettä ajatteli hiljaisuus katsoi ikkuna mitään aamulla mies'),
    nouns: list('Mylly Kapteeni Puutarha Kirje Talvi Vieras Saari Tori Paimen Torni Matka Leski Metsä Myrsky Peili'),
    names: list('Herra Aaltonen Liisa Koskela'),
    quotes: ['”', '”'],
    of: ['ja', 'sekä'],
    article: ['Vanha', 'Uusi'],
  },
};

export interface Prose {
  readonly sentence: () => string;
  readonly paragraph: () => string;
  readonly paragraphs: (least: number, most: number) => string[];
  readonly title: () => string;
  readonly name: () => string;
  readonly stanza: (lines: number) => string;
}

/** Titles of one book differ. */
export function proseOf(language: SpacedLanguage, chance: Chance): Prose {
  const vocabulary = vocabularies[language];
  const seen = new Set<string>();
  const word = (): string => chance.pick(chance.happens(0.45) ? vocabulary.small : vocabulary.words);
  const name = (): string => chance.pick(vocabulary.names);
  const noun = (): string => chance.pick(vocabulary.nouns);
  const words = (count: number): string =>
    Array.from({ length: count }, () => (chance.happens(0.05) ? name() : chance.happens(0.04) ? noun().toLowerCase() : word())).join(' ');
  const clause = (): string => words(chance.between(4, 9));
  const sentence = (): string => {
    const text = Array.from({ length: chance.between(1, 3) }, clause).join(chance.pick([', ', ', ', '; ', '—']));
    const ended = `${text.charAt(0).toUpperCase()}${text.slice(1)}${chance.pick(['.', '.', '.', '.', '!', '?'])}`;
    return chance.happens(0.15) ? `${vocabulary.quotes[0]}${ended}${vocabulary.quotes[1]}` : ended;
  };
  const paragraph = (): string => Array.from({ length: chance.happens(0.2) ? 1 : chance.between(2, 6) }, sentence).join(' ');
  const title = (): string => {
    for (let tries = 0; tries < 200; tries += 1) {
      const text = chance.happens(0.35)
        ? `${chance.pick(vocabulary.article)} ${noun()}`
        : `${chance.pick(vocabulary.article)} ${noun()} ${chance.pick(vocabulary.of)} ${noun()}`;
      if (seen.has(text)) continue;
      seen.add(text);
      return text;
    }
    throw new Error(`the vocabulary of ${language} has too few titles`);
  };
  const stanza = (lines: number): string =>
    Array.from({ length: lines }, (_, index) => {
      const line = words(chance.between(4, 6));
      return `    ${line.charAt(0).toUpperCase()}${line.slice(1)}${index === lines - 1 ? '.' : ','}`;
    }).join('\n');
  return {
    sentence,
    paragraph,
    paragraphs: (least, most) => Array.from({ length: chance.between(least, most) }, paragraph),
    title,
    name,
    stanza,
  };
}
