/**
 * The page for an editor: what needs a human comes first, then what the findings mean, what was done to the texts, and
 * every book with its source lines. One file, no script, nothing loaded; a policy in it forbids both.
 */

import type { Issue, Severity } from '../sanity/issue.ts';
import type { Place } from '../source/place.ts';
import { worthOf, type Band } from '../validate/disagreement.ts';
import type { Validation } from '../validate/verdict.ts';
import { explain, removalName } from './explanations.ts';
import { html, nothing, type Markup } from './markup.ts';
import { style } from './style.ts';
import { mostBooks, mostIssues, type BatchSummary, type ReportedBook } from './summary.ts';

export interface PageRun {
  readonly run: string;
  readonly batch: string;
  readonly mode: string;
  readonly test: boolean;
  /** Of a run: `succeeded`, `failed`, `cancelled`, `interrupted`. */
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string; readonly fix?: string } | null;
}

/** Books named at the top as the ones to look at first. */
const mostUrgent = 25;
/** Skipped, failed and ignored ones that are listed. */
const mostListed = 200;

const words: { readonly [severity in Severity]: string } = { error: 'error', warning: 'warning', info: 'note' };
const count = (value: number): string => value.toLocaleString('en-US');
const plural = (value: number, one: string, many: string = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

export function pageOf(summary: BatchSummary, books: readonly ReportedBook[], run: PageRun): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Books of ${run.batch}</title>
<style>${{ markup: style }}</style>
</head>
<body><main>
${opening(summary, run)}
${urgent(summary, books)}
${findings(summary)}
${changes(summary)}
${judges(summary)}
${everyBook(summary, books)}
${leftOut(summary)}
<footer>Quality is 100 less 20 for each error and 5 for each warning. Numbers of lines are those of the input files. All of it for programs: <code>report.json</code> beside this page, and <code>validation.json</code> of each book.</footer>
</main></body>
</html>
`;
  return page.markup;
}

function opening({ counts, quality, methods, fallbacks }: BatchSummary, run: PageRun): Markup {
  const { batch, mode, test } = run;
  const judged = methods['ai'] === undefined ? 'by rules' : methods['rules'] === undefined ? 'by a model' : 'by a model, some by rules';
  const card = (value: string, name: string): Markup => html`<div class="card"><b>${value}</b><span>${name}</span></div>`;
  return html`<header>
<p class="soft small">${test ? 'Test batch' : 'Batch'} <bdi>${batch}</bdi> · mode ${mode.replace('_', ' ')} · judged ${judged}</p>
<h1>${headline(counts)}</h1>
${stopped(counts, run)}
${fallbacks.map(({ reason, books }) => html`<p><span class="tag warning">fallback</span> ${plural(books, 'book')} judged by rules instead of the model: <bdi>${reason}</bdi></p>`)}
<div class="cards">${[
    card(count(counts.books), 'books'),
    card(count(counts.clean + counts.withIssues - counts.doubtful), 'ready'),
    card(count(counts.doubtful), 'to look at'),
    card(count(counts.failed), 'failed'),
    card(count(counts.skipped), 'skipped'),
    ...(counts.unfinished === 0 ? [] : [card(count(counts.unfinished), 'not finished')]),
    card(quality.median === null ? '–' : String(quality.median), 'median quality'),
  ]}</div>
</header>`;
}

/** Why the run did not get to its end, and how it goes on. */
function stopped({ unfinished }: BatchSummary['counts'], { run, status, error }: PageRun): Markup {
  if (status === 'succeeded') return nothing;
  const [what, next] = endings[status] ?? [`The run is ${status}`, 'resume'];
  const command = next === 'resume' ? `scriptorium resume ${run}` : `scriptorium retry ${run} --failed`;
  const why =
    error === null || status === 'cancelled'
      ? nothing
      : html`: <bdi>${error.message}</bdi> <span class="soft small">(${error.code})</span>`;
  const left =
    unfinished === 0
      ? nothing
      : html` ${plural(unfinished, 'book')} ${unfinished === 1 ? 'was' : 'were'} not finished; what was done until then is below, and stays done.`;
  return html`<p><span class="tag error">stopped</span> ${what}${why}.${left}</p>
${error?.fix === undefined || status !== 'failed' ? nothing : html`<p class="soft">${error.fix}</p>`}
<p>To go on: <code class="command">${command}</code></p>`;
}

const endings: { readonly [status: string]: readonly [what: string, next: 'resume' | 'retry'] } = {
  failed: ['The run failed', 'retry'],
  cancelled: ['The run was cancelled', 'retry'],
  interrupted: ['The run was interrupted', 'resume'],
};

function headline({ books, clean, withIssues, doubtful, failed, skipped, unfinished }: BatchSummary['counts']): string {
  if (books === 0) return 'No book was worked on';
  const ready = clean + withIssues - doubtful;
  if (ready === books) return ready === 1 ? 'The book is ready' : `All ${count(ready)} books are ready`;
  const parts = [
    [ready, 'ready'],
    [doubtful, 'to look at'],
    [failed, 'failed'],
    [skipped, 'skipped'],
    [unfinished, 'not finished'],
  ] as const;
  return `${plural(books, 'book')}: ${parts.flatMap(([value, name]) => (value > 0 ? [`${count(value)} ${name}`] : [])).join(', ')}`;
}

function urgent({ failures }: BatchSummary, books: readonly ReportedBook[]): Markup {
  const shownAt = new Map(books.map(({ id }, index) => [id, index]));
  const waiting = books.map((book, index) => ({ book, index })).filter(({ book }) => !book.failed && book.errors + book.warnings > 0);
  if (failures.length + waiting.length === 0)
    return html`<section><h2>What needs a human</h2><p><span class="tag ok">nothing</span> No book has an error or a warning.</p></section>`;
  const lost = failures.slice(0, mostUrgent).map(({ id, code, message, fix, step }) => {
    const index = shownAt.get(id);
    const name = index === undefined ? html`<b><bdi>${id}</bdi></b>` : html`<a href="#book-${index + 1}"><b><bdi>${id}</bdi></b></a>`;
    const where = step === null ? code : `${code}, while ${doing(step)}`;
    return html`<li><span class="tag error">failed</span> ${name}<p class="why">${message} <span class="soft small">(${where})</span></p>${fix === null ? nothing : html`<p class="why soft">${fix}</p>`}</li>`;
  });
  const shown = waiting.slice(0, mostUrgent - lost.length).map(({ book, index }) => {
    const [first] = book.issues;
    return html`<li>${tags(book)} <a href="#book-${index + 1}"><b>${titleOf(book)}</b></a>${first === undefined ? nothing : html`<p class="why">${explain(first.type).name}: ${first.message}${whereOf(first)}</p>${lineOf(first.place)}`}</li>`;
  });
  const more = failures.length + waiting.length - lost.length - shown.length;
  return html`<section><h2>What needs a human</h2><ol class="todo">${[...lost, ...shown]}</ol>${more > 0 ? html`<p class="soft">… and ${plural(more, 'book')} more, below.</p>` : nothing}</section>`;
}

function findings({ issues }: BatchSummary): Markup {
  const rows = Object.entries(issues).map(([type, { severity, count: found, books }]) => {
    const { name, means, then } = explain(type);
    return html`<tr><td><span class="tag ${severity}">${words[severity]}</span></td><td><b>${name}</b><br><span class="soft small">${type}</span></td><td>${means}</td><td>${then}</td><td class="n" data-name="Found">${count(found)}</td><td class="n" data-name="Books">${count(books)}</td></tr>`;
  });
  if (rows.length === 0) return nothing;
  return html`<section><h2>What was found</h2><div class="scroll"><table><thead><tr><th></th><th>Finding</th><th>It means</th><th>What to do</th><th class="n">Found</th><th class="n">Books</th></tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

function changes({ letters, removed }: BatchSummary): Markup {
  const kinds = Object.entries(removed);
  if (letters.source === 0) return nothing;
  const unexplained = letters.source - letters.kept - letters.removed;
  const share = (value: number): string => `${((100 * value) / letters.source).toFixed(2)} %`;
  return html`<section><h2>What was done to the texts</h2>
<p>Of ${count(letters.source)} letters ${count(letters.kept)} are in the books and ${count(letters.removed)} were taken out, each with its kind and its place. ${unexplained === 0 ? html`<span class="tag ok">none unexplained</span>` : html`<span class="tag error">${count(unexplained)} unexplained</span>`}</p>
<table><thead><tr><th>Taken out or changed</th><th class="n">Places</th><th class="n">Letters</th><th class="n">Share</th></tr></thead><tbody>${kinds.map(([kind, { spans, letters: gone }]) => html`<tr><td>${removalName(kind)}</td><td class="n">${count(spans)}</td><td class="n">${count(gone)}</td><td class="n">${share(gone)}</td></tr>`)}</tbody></table></section>`;
}

function judges({ agreement, disagreements }: BatchSummary): Markup {
  if (agreement.length === 0) return nothing;
  const range = ({ from, to }: Band): string => (from === null || to === null ? 'not said' : `${from.toFixed(1)} – ${to.toFixed(1)}`);
  const worth = (band: Band): string => {
    const share = worthOf(band);
    return share === null ? `too few (${count(band.certain)})` : `${(100 * share).toFixed(0)} % of ${count(band.certain)}`;
  };
  return html`<section><h2>Model and rules</h2>
<p>${plural(disagreements, 'unit')} judged differently. Where the rules are certain, because titles have the same letters or a heading says what it is, the model was right or wrong: that share is what its own confidence is worth.</p>
<table><thead><tr><th>Judged</th><th>Model’s confidence</th><th class="n">Units</th><th class="n">Same as the rules</th><th class="n">Right where the rules are certain</th></tr></thead><tbody>${agreement.map((band) => html`<tr><td>${band.kind === 'title' ? 'titles' : 'roles'}</td><td>${range(band)}</td><td class="n">${count(band.compared)}</td><td class="n">${((100 * band.agreed) / band.compared).toFixed(0)} %</td><td class="n">${worth(band)}</td></tr>`)}</tbody></table></section>`;
}

function everyBook({ counts }: BatchSummary, books: readonly ReportedBook[]): Markup {
  if (books.length === 0) return nothing;
  const more = counts.clean + counts.withIssues - books.filter(({ failed }) => !failed).length;
  return html`<section><h2>Every book</h2>${books.map(oneBook)}${more > 0 ? html`<p class="soft">… and ${plural(more, 'book')} of better quality; this page shows ${count(mostBooks)}.</p>` : nothing}</section>`;
}

function oneBook(book: ReportedBook, index: number): Markup {
  const { validation, issues } = book;
  const left = book.errors + book.warnings + book.notes - issues.length;
  return html`<details class="book"><summary><span class="book-title">${titleOf(book)}</span>${tags(book)}${qualityOf(book.quality)}</summary><div id="book-${index + 1}">
${validation === null ? nothing : facts(book.document, validation)}
${issues.length === 0 ? html`<p><span class="tag ok">ready</span> Nothing was found.</p>` : html`<div class="scroll"><table><thead><tr><th></th><th>Finding</th><th>Where</th></tr></thead><tbody>${issues.map(oneIssue)}</tbody></table></div>`}
${left > 0 ? html`<p class="soft">… and ${count(left)} more in validation.json; this page shows ${mostIssues} of a book.</p>` : nothing}
${validation === null ? nothing : doubts(validation.account)}
</div></details>`;
}

/** What cleaning was not sure enough of to change. */
function doubts({ doubts: { count: all, surest } }: Validation['account']): Markup {
  if (all === 0) return nothing;
  const rows = surest.map(
    ({ kind, before, suggestion, confidence, place }) =>
      html`<tr><td data-name="The text has"><bdi>${before}</bdi></td><td data-name="Perhaps meant">${suggestion === null ? html`<span class="soft">nothing was found</span>` : html`<bdi>${suggestion}</bdi>`}</td><td data-name="Because of">${removalName(kind)}</td><td class="n" data-name="How sure">${confidence.toFixed(2)}</td><td>${placeText(place ?? undefined)}${lineOf(place ?? undefined)}</td></tr>`,
  );
  const more = all - surest.length;
  return html`<h3>Left as it was, and perhaps wrong</h3><div class="scroll"><table><thead><tr><th>The text has</th><th>Perhaps meant</th><th>Because of</th><th class="n">How sure</th><th>Where</th></tr></thead><tbody>${rows}</tbody></table></div>${more > 0 ? html`<p class="soft">… and ${count(more)} more under <code>doubts</code> in its document.</p>` : nothing}`;
}

function facts(document: string | null, { account, counts, method, model, fallback }: NonNullable<ReportedBook['validation']>): Markup {
  const { letters, removed, files, pictures = { shown: 0, cover: false } } = account;
  const parts = [
    [counts.parts, 'part'],
    [counts.chapters, 'chapter'],
    [counts.sections, 'section'],
    [counts.front, 'front section'],
    [counts.back, 'back section'],
  ] as const;
  const structure = parts.filter(([value]) => value > 0).map(([value, name]) => plural(value, name));
  const gone = removed.map(({ kind, spans, letters: of }) => `${removalName(kind)} (${plural(spans, 'place')}, ${plural(of, 'letter')})`);
  const [file] = files;
  const source =
    file === undefined
      ? account.kind
      : `${file.name}, ${file.encoding}${files.length > 1 ? `, and ${files.length >= 20 ? 'many' : String(files.length - 1)} more` : ''}`;
  return html`<dl>
<dt>Source</dt><dd><bdi>${source}</bdi></dd>
<dt>Structure</dt><dd>${structure.length === 0 ? 'no units' : structure.join(', ')}; ${plural(counts.contents, 'entry', 'entries')} in the contents</dd>
${pictures.shown === 0 && !pictures.cover ? nothing : html`<dt>Pictures</dt><dd>${[...(pictures.shown === 0 ? [] : [count(pictures.shown)]), ...(pictures.cover ? ['the cover'] : [])].join(' and ')}</dd>`}
<dt>Taken out</dt><dd>${gone.length === 0 ? 'nothing' : gone.join('; ')}. ${plural(letters.kept, 'letter')} kept of ${count(letters.source)}.</dd>
<dt>Judged</dt><dd>${method === 'ai' ? `by ${model ?? 'a model'}` : 'by rules'}${fallback === null ? nothing : html`, because the model did not: <bdi>${fallback}</bdi>`}</dd>
${document === null ? nothing : html`<dt>Look it up</dt><dd><code class="command">scriptorium trace ${document} chapter-1/1</code> <span class="soft small">in the output folder: where its first paragraph stood in the input</span></dd>`}
</dl>`;
}

function oneIssue(issue: Issue): Markup {
  const { severity, type, title, message, place } = issue;
  return html`<tr><td><span class="tag ${severity}">${words[severity]}</span></td><td><b>${explain(type).name}</b>${title === '' ? nothing : html`: <bdi>${title}</bdi>`}<br>${message}</td><td>${placeText(place)}${lineOf(place)}</td></tr>`;
}

function placeText(place: Place | undefined): Markup {
  if (place === undefined) return html`<span class="soft">the whole book</span>`;
  return html`<bdi>${place.file}</bdi>${place.line === null ? nothing : html`, line ${place.line}`}`;
}

function lineOf(place: Place | undefined): Markup {
  return place === undefined || place.text === '' ? nothing : html`<span class="line"><bdi>${place.text}</bdi></span>`;
}

function whereOf({ place }: Issue): Markup {
  return place === undefined ? nothing : html` <span class="soft small">(${placeText(place)})</span>`;
}

function titleOf({ id, validation }: ReportedBook): Markup {
  const { title = null, author = null } = validation?.account ?? {};
  return html`<bdi>${title ?? id}</bdi>${author === null ? nothing : html` <span class="soft">· <bdi>${author}</bdi></span>`}`;
}

function tags({ errors, warnings, notes, failed }: ReportedBook): Markup {
  const tag = (value: number, severity: Severity): Markup =>
    value === 0 ? nothing : html`<span class="tag ${severity}">${plural(value, words[severity])}</span> `;
  if (failed)
    return html`<span><span class="tag error">failed</span> ${tag(errors, 'error')}${tag(warnings, 'warning')}${tag(notes, 'info')}</span>`;
  if (errors + warnings + notes === 0) return html`<span class="tag ok">ready</span>`;
  return html`<span>${tag(errors, 'error')}${tag(warnings, 'warning')}${tag(notes, 'info')}</span>`;
}

function qualityOf(quality: number): Markup {
  const level = quality >= 80 ? '' : quality >= 50 ? 'mid' : 'low';
  return html`<span class="quality"><span class="bar ${level}"><i style="width:${quality}%"></i></span>${quality} of 100</span>`;
}

/** In order of the stages, for those whose book the run was at when it stopped. */
const stages: { readonly [step: string]: string } = {
  topology: 'reading',
  sanity: 'checking',
  clean: 'cleaning',
  align: 'finding chapters',
  toc: 'matching the contents',
  publish: 'writing the finished book',
  validate: 'judging',
  gate: 'weighing the findings',
};

function doing(step: string): string {
  const name = step.split('/')[1] ?? step;
  return stages[name] ?? name;
}

function leftOut({ skipped, counts, unfinished }: BatchSummary): Markup {
  if (skipped.length + unfinished.length === 0 && counts.ignored === 0) return nothing;
  const more = skipped.length - mostListed;
  const later = unfinished.length - mostListed;
  return html`<section><h2>Not processed</h2>
${unfinished.length === 0 ? nothing : html`<table><thead><tr><th>Book</th><th>How far it came</th></tr></thead><tbody>${unfinished.slice(0, mostListed).map(({ id, reached }) => html`<tr><td><bdi>${id}</bdi></td><td>${reached === null ? 'not begun' : `done with ${doing(reached)}`}</td></tr>`)}</tbody></table>`}
${later > 0 ? html`<p class="soft">… and ${count(later)} more.</p>` : nothing}
${skipped.length === 0 ? nothing : html`<table><thead><tr><th>Book</th><th>Why it was skipped</th></tr></thead><tbody>${skipped.slice(0, mostListed).map(({ id, reason }) => html`<tr><td><bdi>${id}</bdi></td><td>${reason}</td></tr>`)}</tbody></table>`}
${more > 0 ? html`<p class="soft">… and ${count(more)} more.</p>` : nothing}
${counts.ignored === 0 ? nothing : html`<p>${plural(counts.ignored, 'file')} or folders are no books and were ignored; the log of the run names them.</p>`}</section>`;
}
