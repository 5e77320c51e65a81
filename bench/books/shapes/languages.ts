/** Chapters and parts in other languages, numbered in numerals and in their own words. */

import { roman, upper, type Shape } from './make.ts';
import type { Language } from './prose.ts';
import type { Unit } from './work.ts';

type Heading = (value: number) => string;

interface Tongue {
  readonly language: Language;
  /** Ways of numbering a chapter and a part. */
  readonly chapters: readonly Heading[];
  readonly parts: readonly Heading[];
  readonly preface: string;
  readonly epilogue: string;
}

const from =
  (words: string, form: (word: string) => string): Heading =>
  (value) =>
    form(words.split(' ')[value - 1] ?? roman(value));

const tongues: { readonly [name: string]: Tongue } = {
  French: {
    language: 'fr',
    chapters: [
      (value) => `CHAPITRE ${value === 1 ? 'PREMIER' : roman(value)}`,
      (value) => `Chapitre ${String(value)}`,
      from(
        'premier deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième onzième douzième',
        (word) => `CHAPITRE ${upper(word)}.`,
      ),
      roman,
    ],
    parts: [
      from('PREMIÈRE DEUXIÈME TROISIÈME QUATRIÈME', (word) => `${word} PARTIE`),
      from('premier deuxième troisième quatrième', (word) => `LIVRE ${upper(word)}`),
      (value) => `TOME ${roman(value)}`,
    ],
    preface: 'PRÉFACE',
    epilogue: 'ÉPILOGUE',
  },
  German: {
    language: 'de',
    chapters: [
      from('Erstes Zweites Drittes Viertes Fünftes Sechstes Siebentes Achtes Neuntes Zehntes Elftes Zwölftes', (word) => `${word} Kapitel`),
      (value) => `Kapitel ${String(value)}`,
      (value) => `${String(value)}. Kapitel.`,
      (value) => `${roman(value)}. Kapitel`,
      from(
        'Erstes Zweites Drittes Viertes Fünftes Sechstes Siebentes Achtes Neuntes Zehntes Elftes Zwölftes',
        (word) => `${upper(word)} CAPITEL.`,
      ),
    ],
    parts: [
      from('Erster Zweiter Dritter Vierter', (word) => `${word} Teil`),
      from('Erstes Zweites Drittes Viertes', (word) => `${word} Buch`),
      (value) => `${roman(value)}. Theil.`,
    ],
    preface: 'Vorwort',
    epilogue: 'Epilog',
  },
  Spanish: {
    language: 'es',
    chapters: [
      (value) => `CAPÍTULO ${value === 1 ? 'PRIMERO' : roman(value)}`,
      (value) => `Capítulo ${roman(value)}.`,
      from('primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo', (word) => `Capítulo ${word}.`),
    ],
    parts: [
      from('PRIMERA SEGUNDA TERCERA CUARTA', (word) => `${word} PARTE`),
      from('primero segundo tercero cuarto', (word) => `LIBRO ${upper(word)}`),
    ],
    preface: 'PRÓLOGO',
    epilogue: 'EPÍLOGO',
  },
  Italian: {
    language: 'it',
    chapters: [
      (value) => `CAPITOLO ${roman(value)}.`,
      from('primo secondo terzo quarto quinto sesto settimo ottavo nono decimo undecimo duodecimo', (word) => `CAPITOLO ${upper(word)}`),
      from('Primo Secondo Terzo Quarto Quinto Sesto Settimo Ottavo Nono Decimo Undecimo Dodicesimo', (word) => `Capitolo ${word}.`),
    ],
    parts: [
      from('PRIMA SECONDA TERZA QUARTA', (word) => `PARTE ${word}`),
      from('primo secondo terzo quarto', (word) => `LIBRO ${upper(word)}`),
    ],
    preface: 'PREFAZIONE',
    epilogue: 'EPILOGO',
  },
  Latin: {
    language: 'la',
    chapters: [
      (value) => `CAPUT ${roman(value)}`,
      (value) => `Cap. ${roman(value)}.`,
      from(
        'primum secundum tertium quartum quintum sextum septimum octavum nonum decimum undecimum duodecimum',
        (word) => `CAPUT ${upper(word)}`,
      ),
    ],
    parts: [from('primus secundus tertius quartus', (word) => `LIBER ${upper(word)}`), (value) => `LIBER ${roman(value)}`],
    preface: 'PRAEFATIO',
    epilogue: 'EPILOGUS',
  },
  Portuguese: {
    language: 'pt',
    chapters: [
      (value) => `CAPITULO ${roman(value)}`,
      from(
        'primeiro segundo terceiro quarto quinto sexto sétimo oitavo nono décimo undécimo duodécimo',
        (word) => `CAPÍTULO ${upper(word)}`,
      ),
    ],
    parts: [from('PRIMEIRA SEGUNDA TERCEIRA QUARTA', (word) => `${word} PARTE`), (value) => `LIVRO ${roman(value)}`],
    preface: 'PREFÁCIO',
    epilogue: 'EPÍLOGO',
  },
  Dutch: {
    language: 'nl',
    chapters: [
      from('Eerste Tweede Derde Vierde Vijfde Zesde Zevende Achtste Negende Tiende Elfde Twaalfde', (word) => `${upper(word)} HOOFDSTUK.`),
      (value) => `HOOFDSTUK ${roman(value)}.`,
      (value) => `Hoofdstuk ${String(value)}`,
    ],
    parts: [from('EERSTE TWEEDE DERDE VIERDE', (word) => `${word} DEEL`), (value) => `DEEL ${roman(value)}`],
    preface: 'VOORWOORD',
    epilogue: 'EPILOOG',
  },
  Swedish: {
    language: 'sv',
    chapters: [
      from('Första Andra Tredje Fjärde Femte Sjätte Sjunde Åttonde Nionde Tionde Elfte Tolfte', (word) => `${upper(word)} KAPITLET.`),
      (value) => `KAPITEL ${roman(value)}`,
    ],
    parts: [from('Första Andra Tredje Fjärde', (word) => `${upper(word)} DELEN`)],
    preface: 'FÖRORD',
    epilogue: 'EPILOG',
  },
  Finnish: {
    language: 'fi',
    chapters: [
      from('Ensimmäinen Toinen Kolmas Neljäs Viides Kuudes Seitsemäs Kahdeksas Yhdeksäs Kymmenes', (word) => `${upper(word)} LUKU`),
      (value) => `${roman(value)} LUKU.`,
    ],
    parts: [from('Ensimmäinen Toinen Kolmas Neljäs', (word) => `${upper(word)} OSA`)],
    preface: 'ESIPUHE',
    epilogue: 'EPILOGI',
  },
};

function workIn({ chapters, parts, preface, epilogue }: Tongue): Shape {
  return (make) => {
    const chapter = make.chance.pick(chapters);
    const part = make.chance.happens(0.5) ? make.chance.pick(parts) : null;
    const titled = make.chance.happens(0.6);
    const of = (level: number, most: number): Unit[] =>
      make.count(Math.min(6, most), most).map((value) => {
        const title = titled ? make.prose.title() : '';
        return make.unit({ level, value, title, heading: titled ? [chapter(value), '', title] : [chapter(value)], text: make.text(0.8) });
      });
    const body =
      part === null
        ? of(1, 12)
        : make.count(2, 3).flatMap((value) => [make.unit({ value, heading: [part(value)], above: 5 }), ...of(2, 8)]);
    return make.work(
      [
        ...(make.chance.happens(0.4) ? [make.unit({ matter: 'front', title: preface, heading: [preface], text: make.text(0.3) })] : []),
        ...body,
        ...(make.chance.happens(0.2) ? [make.unit({ title: epilogue, heading: [epilogue], text: make.text(0.4) })] : []),
      ],
      'maybe',
    );
  };
}

export const languages: { readonly [name: string]: { readonly language: Language; readonly make: Shape } } = Object.fromEntries(
  Object.entries(tongues).map(([name, tongue]) => [name, { language: tongue.language, make: workIn(tongue) }]),
);
