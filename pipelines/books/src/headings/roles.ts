/** The headings that name their own place in a book: prefaces, contents, notes, appendices, in the languages at hand. */

import type { SectionRole } from '../document.ts';
import { stripMarkup } from './read-label.ts';

export interface Role {
  readonly role: SectionRole;
  /** Where such a unit stands: `front` only before the first chapter, `back` only after the last, `body` as a chapter of its own. */
  readonly place: 'front' | 'body' | 'back';
}

const front = (role: SectionRole): Role => ({ role, place: 'front' });
const body = (role: SectionRole): Role => ({ role, place: 'body' });
const back = (role: SectionRole): Role => ({ role, place: 'back' });

/** Longest names first; each is matched at the start of a short heading, or after a possessive (`Translator's Preface`). */
const names: readonly (readonly [RegExp, Role])[] = [
  [
    /^(?:the |table of |general |detailed )?(?:contents|chapters|table of chapters|index of chapters)(?: of .{1,60})?$|^(?:inhalt|inhaltsverzeichnis|inhaltsübersicht|index (?:capitum|capitulorum)|table(?: des (?:matières|chapitres))?|sommaire|índice|indice|inhoud|innehåll|sisällys|目录|目錄|总目|總目|回目)$/,
    front('contents'),
  ],
  [
    /^(?:the |list of |full[- ]page |a list of |colou?r(?:ed)? )*(?:illustrations?|plates|figures|maps|full pages|drawings|the drawings)(?: and .{1,40}| in .{1,40})?$|^(?:verzeichnis der abbildungen|table des illustrations)$/,
    front('illustrations'),
  ],
  [/^(?:the )?dedication$|^dedicated to\b|^(?:widmung|dédicace|dedicatoria)$|^to (?:my|the memory|the reader of)\b/, front('dedication')],
  [/^(?:epigraph|motto)$/, front('epigraph')],
  [
    /^(?:the |a |an |general |short |brief )?(?:.{1,40}['’]s? )?(?:prefatory note|preface|prefatory|pr[eé]face|vorwort|vorrede|prefacio|prefazione|voorwoord|小序|自序|原序|序言|前言|序)\b(?:.{0,60})$|^序$|^.{1,8}序$/,
    front('preface'),
  ],
  [
    /^(?:the |a )?(?:.{1,40}['’]s? )?(?:foreword|forethought|forewords|avant-propos|geleitwort|prólogo del autor)\b.{0,60}$/,
    front('foreword'),
  ],
  [
    /^(?:the |an |general |author['’]s |editor['’]s )*(?:introduction|introductory(?: (?:note|chapter|remarks|essay|letter))?|einleitung|einführung|introducción|introduzione|inleiding|引言|导言)\b.{0,60}$/,
    front('introduction'),
  ],
  [
    /^(?:author['’]s |translator['’]s |editor['’]s |publisher['’]s |explanatory |biographical |historical |introductory )(?:note|notes|notice|apology|advertisement|explanation|sketch)\b.{0,40}$|^(?:notice|explanatory|explanation|to the reader|acknowledge?ments?|a word to the reader|advertisement|copyright)$/,
    front('other'),
  ],
  [
    /^(?:dramatis person(?:æ|ae|ages)|(?:the )?(?:persons|characters) (?:of|in) the (?:play|drama|dialogue|piece|story)|(?:the )?persons represented|(?:die )?personen|personnages|personas|personaggi|personen van het stuk|personerna|henkilöt)$/,
    front('other'),
  ],
  [
    /^(?:the |a )?(?:prologue|proem|induction|prelude|prolog|prologus|prólogo|prologo|楔子|引子|序章)\b.{0,60}$|^(?:楔子|引子|序章|序幕).{0,40}$/,
    body('prologue'),
  ],
  [
    /^(?:the |an )?(?:epilogue|epilog|epilogus|épilogue|epílogo|epilogo|interlude|intermezzo|conclusion|finale|尾声|尾聲|结局)\b.{0,60}$|^(?:尾声|尾聲|终章|終章|番外|外传|外傳).{0,40}$/,
    body('epilogue'),
  ],
  [
    /^(?:the |an |author['’]s |editor['’]s )*(?:afterword|after-?thought|postscript|nachwort|postface|posfacio|envoi|l['’]envoi|colophon|后记|後記|跋)\b.{0,60}$|^(?:后记|後記|.{0,8}跋)$/,
    back('afterword'),
  ],
  [
    /^(?:the )?(?:appendix|appendices|anhang|appendice|apéndice|addenda|addendum|supplement|附录|附錄)\b.{0,100}$|^(?:附录|附錄).{0,40}$/,
    back('appendix'),
  ],
  [
    /^(?:the |end ?|foot|explanatory |author['’]s |editor['’]s )*(?:notes?|footnotes|endnotes|anmerkungen|fu(?:ß|ss)noten|注释|註釋|注釋)(?: to .{1,60}| on .{1,60})?$/,
    back('notes'),
  ],
  [
    /^(?:a |selected |select |general )*(?:bibliography|references|literature cited|works cited|authorities|literatur|sources)\b.{0,40}$/,
    back('bibliography'),
  ],
  [/^(?:a )?(?:glossary|vocabulary|glossar)\b.{0,40}$/, back('glossary')],
  [/^(?:the |general |an )*(?:index|register|errata|corrigenda)(?: (?:of|to) .{1,60})?$/, back('index')],
  [
    /^(?:advertisements?|books by|works by|by the same author|other books|publisher['’]s announcements?|also by)\b.{0,60}$/,
    back('advertisement'),
  ],
  [/^(?:the )?transcriber['’]?s['’]? notes?$/, back('credits')],
];

/** The role that a heading's words give it, or null. */
export function roleOf(heading: string): Role | null {
  if (heading.length > 160) return null;
  const text = stripMarkup(heading)
    .replace(/[\s.:,;—–-]+$/u, '')
    .replace(/^[[(]|[\])]$/g, '')
    .toLowerCase();
  if (text.length === 0 || text.length > 110) return null;
  for (const [pattern, role] of names) if (pattern.test(text)) return role;
  return null;
}
