/** Recognises secrets that were written into a definition. */

import type { Findings } from './diagnostic.ts';
import type { Piece } from './piece.ts';

const secretKey =
  /(?:^|[_-]|[a-z](?=[A-Z]))(?:api[_-]?key|secret|password|passwd|access[_-]?key|private[_-]?key|(?:auth|access|api|bearer|refresh)[_-]?token)$/i;

/** Forms that issuers give their keys: OpenAI and Anthropic, GitHub, AWS, Google, Slack, JSON Web Tokens, PEM. */
const secretValue =
  /^(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|xox[abprs]-[A-Za-z0-9-]{10,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----)/;

export function checkSecret(key: string, value: Piece, path: string, findings: Findings): void {
  if (value.type !== 'scalar' || typeof value.value !== 'string' || value.value.includes('${')) {
    return;
  }
  if (secretValue.test(value.value) || (secretKey.test(key) && value.value !== '')) {
    findings.add({
      code: 'secret_literal',
      severity: 'warning',
      message: `'${key}' looks like a secret, and definitions are stored with every run`,
      span: value.span,
      path,
      fix: 'remove it here; let the handler read it from its environment',
    });
  }
}
