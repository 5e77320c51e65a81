/** The look of the page: no fonts to load, no pictures, light and dark, and fit to be printed. */
export const style: string = `
:root { color-scheme: light dark; --paper: #faf8f4; --card: #fff; --ink: #23201b; --soft: #6d675d; --line: #e3ded4;
  --accent: #7a4a1f; --error: #b3261e; --warning: #9a6700; --info: #3b6ea5; --ok: #2e7d4f;
  --error-bg: #fbe9e7; --warning-bg: #fdf3dc; --info-bg: #e8f0f8; --ok-bg: #e6f4ea; }
@media (prefers-color-scheme: dark) { :root { --paper: #191714; --card: #221f1b; --ink: #ece6db; --soft: #a59d90; --line: #3a352e;
  --accent: #e0a871; --error: #ff8a80; --warning: #f0c04f; --info: #8fc1f2; --ok: #81d4a3;
  --error-bg: #3d1f1c; --warning-bg: #3b2f12; --info-bg: #1a2a3a; --ok-bg: #17321f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 ui-sans-serif, system-ui, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 2.5rem 1.25rem 5rem; }
h1, h2, h3 { font-family: Georgia, "Iowan Old Style", "Noto Serif", "Noto Serif CJK SC", serif; font-weight: 600; line-height: 1.2; }
h1 { font-size: 2.1rem; margin: 0 0 .3rem; }
h2 { font-size: 1.35rem; margin: 2.8rem 0 .8rem; padding-bottom: .35rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
p { margin: .4rem 0; } a { color: var(--accent); } .soft { color: var(--soft); } .small { font-size: .875rem; }
code, .line { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, "Noto Sans Mono", monospace; font-size: .84rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; }
.card b { display: block; font: 600 1.7rem/1.1 Georgia, serif; font-variant-numeric: tabular-nums; }
.card span { color: var(--soft); font-size: .875rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: .8rem; border-bottom: 1px solid var(--line); padding: .35rem .6rem .35rem 0; }
td { vertical-align: top; border-bottom: 1px solid var(--line); padding: .5rem .6rem .5rem 0; overflow-wrap: anywhere; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { overflow-x: auto; }
.tag { display: inline-block; border-radius: 1rem; padding: .05rem .6rem; font-size: .78rem; font-weight: 600; white-space: nowrap; }
.error { color: var(--error); background: var(--error-bg); } .warning { color: var(--warning); background: var(--warning-bg); }
.info { color: var(--info); background: var(--info-bg); } .ok { color: var(--ok); background: var(--ok-bg); }
.todo { list-style: none; margin: 0; padding: 0; }
.todo li { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .7rem 1rem; margin: .5rem 0; }
.todo .why { margin: .15rem 0 0; }
details.book { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; margin: .5rem 0; }
details.book > summary { cursor: pointer; padding: .7rem 1rem; display: flex; gap: .8rem; align-items: baseline; flex-wrap: wrap; }
details.book > summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: .6rem; }
details.book > div { padding: 0 1rem 1rem; border-top: 1px solid var(--line); }
.book-title { font-weight: 600; flex: 1 1 18rem; } .book-title .soft { font-weight: 400; }
.quality { font-variant-numeric: tabular-nums; white-space: nowrap; color: var(--soft); font-size: .875rem; }
.bar { display: inline-block; width: 5rem; height: .5rem; border-radius: .3rem; background: var(--line); overflow: hidden; vertical-align: middle; margin-right: .4rem; }
.bar i { display: block; height: 100%; background: var(--ok); } .bar.mid i { background: var(--warning); } .bar.low i { background: var(--error); }
.line { display: block; margin-top: .25rem; padding: .25rem .5rem; background: var(--paper); border-left: 3px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .8rem 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.command { display: block; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .6rem; margin: .3rem 0; overflow-wrap: anywhere; }
footer { margin-top: 3.5rem; color: var(--soft); font-size: .85rem; }
@media screen and (max-width: 44rem) { .scroll thead { display: none; } .scroll tr { display: block; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  .scroll td, .scroll td.n { display: block; border: 0; padding: .1rem 0; text-align: left; } .scroll td[data-name]::before { content: attr(data-name) ": "; color: var(--soft); } }
@media screen and (max-width: 44rem) { .scroll thead { display: none; } .scroll tr { display: block; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  .scroll td, .scroll td.n { display: block; border: 0; padding: .1rem 0; text-align: left; } .scroll td[data-name]::before { content: attr(data-name) ": "; color: var(--soft); } }
@media print { body { background: #fff; } main { max-width: none; padding: 0; } details.book { break-inside: avoid; } h2 { break-after: avoid; } }
`;
