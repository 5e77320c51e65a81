/** Tells the language of a text by its script and its commonest words. */

const words: { readonly [language: string]: ReadonlySet<string> } = Object.fromEntries(
  Object.entries({
    en: 'the and of to in that was his he it with as had her you not is be which at',
    de: 'der die und das den nicht ein ist sie ich er zu mit sich von auf dem war es auch',
    fr: 'de la le et les des un une que dans qui il est pas pour au sur elle ne ce',
    es: 'de la que el en los se las por con una su para es del lo como más al le',
    it: 'di che il la non un per è una del si della con sono da le ma lo gli nel',
    nl: 'de het een van en dat niet is zijn met ik te hij op voor die aan er was ze',
    pt: 'de que não um com uma os no se na por mais as dos como mas ao ele das seu',
    la: 'et in est non ad cum ut quod sed si qui ex per quae esse enim hoc nec ab aut',
    sv: 'och att det som en han är på för med inte jag av till den var hon om hade ett',
    da: 'og at det som en han er på for med ikke jeg af til den var hun om havde et',
    fi: 'ja on ei se hän että oli kun niin mutta ovat minä joka myös kuin siitä jos olen nyt hänen',
  }).map(([language, list]) => [language, new Set(list.split(' '))]),
);

/** As much text as tells: some hundreds of words are enough, the beginning may be in another language. */
const sampleLength = 20_000;

/** ISO 639-1, null where the text is too short or no language stands out. */
export function languageOf(text: string): string | null {
  const from = Math.max(0, (text.length - sampleLength) >> 1);
  const sample = text.slice(from, from + sampleLength);
  const script = scriptLanguage(sample);
  if (script !== null) return script;
  const found = sample.toLowerCase().match(/\p{L}+/gu) ?? [];
  if (found.length < 60) return null;
  const scores = Object.entries(words).map(([language, common]) => ({
    language,
    share: found.filter((word) => common.has(word)).length / found.length,
  }));
  scores.sort((one, other) => other.share - one.share);
  const [best, second] = scores;
  return best !== undefined && second !== undefined && best.share > 0.1 && best.share > second.share * 1.15 ? best.language : null;
}

function scriptLanguage(sample: string): string | null {
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  if (letters < 40) return null;
  const share = (pattern: RegExp): number => (sample.match(pattern)?.length ?? 0) / letters;
  if (share(/[\p{sc=Hiragana}\p{sc=Katakana}]/gu) > 0.2) return 'ja';
  if (share(/\p{sc=Han}/gu) > 0.5) return 'zh';
  if (share(/\p{sc=Hangul}/gu) > 0.5) return 'ko';
  if (share(/\p{sc=Greek}/gu) > 0.5) return 'el';
  if (share(/\p{sc=Hebrew}/gu) > 0.5) return 'he';
  return share(/\p{sc=Cyrillic}/gu) > 0.5 ? 'ru' : null;
}
