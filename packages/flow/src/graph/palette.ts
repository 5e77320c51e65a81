/** Colours of states, for light and for dark surroundings. The text on each has a contrast of at least 4.5 (WCAG 2.2, AA). */

import type { NodeState } from './model.ts';

export interface Colours {
  readonly fill: string;
  readonly line: string;
  readonly text: string;
}

export interface Shades {
  readonly light: Colours;
  readonly dark: Colours;
}

export const palette: { readonly [state in NodeState | 'plain']: Shades } = {
  plain: { light: { fill: '#f6f8fa', line: '#57606a', text: '#1f2328' }, dark: { fill: '#21262d', line: '#8b949e', text: '#e6edf3' } },
  succeeded: { light: { fill: '#dafbe1', line: '#1a7f37', text: '#0b3d1a' }, dark: { fill: '#12301c', line: '#3fb950', text: '#d2f8dc' } },
  failed: { light: { fill: '#ffebe9', line: '#cf222e', text: '#6e0b14' }, dark: { fill: '#3d1418', line: '#f85149', text: '#ffdcd7' } },
  running: { light: { fill: '#ddf4ff', line: '#0969da', text: '#0a3069' }, dark: { fill: '#0c2d55', line: '#58a6ff', text: '#cae8ff' } },
  waiting: { light: { fill: '#ffffff', line: '#6e7781', text: '#424a53' }, dark: { fill: '#161b22', line: '#8b949e', text: '#c9d1d9' } },
  skipped: { light: { fill: '#fff8c5', line: '#9a6700', text: '#4d2d00' }, dark: { fill: '#342a0a', line: '#d29922', text: '#f8e3a1' } },
  cancelled: { light: { fill: '#f0e6fb', line: '#8250df', text: '#3e1f79' }, dark: { fill: '#271a45', line: '#a371f7', text: '#ecdcff' } },
};
