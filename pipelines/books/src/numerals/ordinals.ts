/**
 * Ordinals of further languages, as they number chapters: Spanish, Italian, Portuguese, Latin, Dutch, the Nordic ones,
 * Finnish. Cardinals are left out: many are words or names of another language (`once`, `sei`, `Otto`).
 */

interface Ordinals {
  /** First to nineteenth without their endings; forms of one number are parted by `/`, `_` is a space. */
  readonly ones: string;
  /** Twentieth, thirtieth and so on, without their endings. */
  readonly tens: string;
  readonly endings: readonly string[];
  /** What may stand between a ten and a one. */
  readonly joints: readonly string[];
  /** Tens and ones of compounds that are not an ordinal behind an ordinal: `ventun-esimo`, `eenen-twintigste`, `tjugo-första`. */
  readonly compounds?: { readonly tens: string; readonly ones: string; readonly onesFirst?: true; readonly ending: string };
}

/** All in lower case and without accents. */
const languages: readonly Ordinals[] = [
  {
    ones: 'primer/prim/primeir segund/second terc/tercer/terc/terz/terci/terceir cuart/quart quint sext/sest septim/setim/settim octav/oitav/ottav noven/non decim undecim/decimoprimer/decimo_primeir/undicesim duodecim/decimosegund/decimo_segund/dodicesim decimotercer/decimoterci/decimo_terceir/decimoterz/tredicesim decimocuart/decimo_quart/decimoquart/quattordicesim decimoquint/decimo_quint/quindicesim decimosext/decimo_sext/decimosest/sedicesim decimoseptim/decimo_setim/decimosettim/diciassettesim decimoctav/decimo_oitav/decimottav/diciottesim decimonoven/decimo_non/decimonon/diciannovesim',
    tens: 'vigesim/ventesim trigesim/trentesim cuadragesim/quadragesim/quarantesim quincuagesim/quinquagesim/cinquantesim sexagesim/sessantesim septuagesim/settantesim octogesim/ottantesim nonagesim/novantesim',
    endings: ['o', 'a', 'e', ''],
    joints: ['o_', 'a_', 'o', 'o-'],
    compounds: {
      tens: 'vent/venti trent/trenta quarant/quaranta cinquant/cinquanta sessant/sessanta settant/settanta ottant/ottanta novant/novanta',
      ones: 'un du/due tre quattr cinqu sei sett ott nov',
      ending: 'esimo',
    },
  },
  {
    ones: 'prim secund terti quart quint sext septim octav non decim undecim duodecim tertiusdecim/tertiumdecim/terti_decim quartusdecim/quartumdecim quintusdecim/quintumdecim sextusdecim/sextumdecim septimusdecim/septimumdecim duodevicesim undevicesim',
    tens: 'vicesim/vigesim tricesim/trigesim quadragesim quinquagesim sexagesim septuagesim octogesim nonagesim',
    endings: ['us', 'um', 'a'],
    joints: ['us_', 'um_', 'a_'],
  },
  {
    ones: 'eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde dertiende veertiende vijftiende zestiende zeventiende achttiende negentiende',
    tens: 'twintigste dertigste veertigste vijftigste zestigste zeventigste tachtigste negentigste',
    endings: [''],
    joints: [],
    compounds: {
      tens: 'twintig dertig veertig vijftig zestig zeventig tachtig negentig',
      ones: 'eenen tweeen drieen vieren vijfen zesen zevenen achten negenen',
      onesFirst: true,
      ending: 'ste',
    },
  },
  {
    ones: 'forsta/forste andra/anden/annen/andet/annet tredje fjarde/fjerde femte sjatte/sjette sjunde/syvende attonde/ottende/attende nionde/niende tionde/tiende elfte/ellevte tolfte/tolvte trettonde/trettende fjortonde/fjortende femtonde/femtende sextonde/sekstende sjuttonde/syttende adertonde/artonde/attende nittonde/nittende',
    tens: 'tjugonde/tyvende trettionde fyrtionde femtionde sextionde sjuttionde attionde nittionde',
    endings: [''],
    joints: [],
    compounds: {
      tens: 'tjugo/tjugu trettio fyrtio femtio sextio sjuttio attio nittio',
      ones: 'forsta andra tredje fjarde femte sjatte sjunde attonde nionde',
      ending: '',
    },
  },
  {
    ones: 'ensimmainen/ensimainen toinen kolmas neljas viides kuudes seitsemas kahdeksas yhdeksas kymmenes yhdestoista kahdestoista kolmastoista neljastoista viidestoista kuudestoista seitsemastoista kahdeksastoista yhdeksastoista',
    tens: 'kahdeskymmenes kolmaskymmenes neljaskymmenes viideskymmenes kuudeskymmenes seitsemaskymmenes kahdeksaskymmenes yhdeksaskymmenes',
    endings: [''],
    joints: ['_', ''],
  },
];

const values: ReadonlyMap<string, number> = new Map(languages.flatMap((language) => [...formsOf(language)]).reverse());

/** The first form of a number wins, so that the plain ones do. */
function* formsOf({ ones, tens, endings, joints, compounds }: Ordinals): Generator<readonly [string, number]> {
  const small = formsIn(ones);
  const large = formsIn(tens);
  for (const ending of endings) {
    for (const { form, index } of small) yield [form + ending, index + 1];
    for (const { form, index } of large) {
      yield [form + ending, 20 + 10 * index];
      for (const joint of joints)
        for (const one of small)
          if (one.index < 9) yield [form + joint.replace('_', ' ') + one.form + ending, 20 + 10 * index + one.index + 1];
    }
  }
  if (compounds === undefined) return;
  for (const ten of formsIn(compounds.tens))
    for (const one of formsIn(compounds.ones)) {
      const stem = compounds.onesFirst === true ? one.form + ten.form : ten.form + one.form;
      yield [stem + compounds.ending, 20 + 10 * ten.index + one.index + 1];
    }
}

function formsIn(list: string): { readonly form: string; readonly index: number }[] {
  return list.split(' ').flatMap((forms, index) => forms.split('/').map((form) => ({ form: form.replaceAll('_', ' '), index })));
}

/** `primero`, the `prima` of `PARTE PRIMA`, `vigésimo primo`, `eenentwintigste`, `tjugoförsta`. Takes lower case. */
export function ordinalValue(text: string): number | null {
  const plain = text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ø', 'o')
    .replace(/^(?:el|la|il|lo|o|a|de|het|den|det)\s+/, '');
  return values.get(plain) ?? null;
}
