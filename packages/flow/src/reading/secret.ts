/** Recognises secrets that were written into a definition. */

import { secretNameOf } from '@scriptorium/core';
import type { Finding, Findings } from '../diagnostic.ts';
import type { Piece } from './piece.ts';

const secretKey =
  /(?:^|[_-]|[a-z](?=[A-Z]))(?:api[_-]?key|secret|password|passwd|access[_-]?key|private[_-]?key|(?:auth|access|api|bearer|refresh)[_-]?token)$/i;

/** Forms that issuers give their keys: OpenAI and Anthropic, GitHub, AWS, Google, Slack, JSON Web Tokens, PEM. */
const secretValue =
  /^(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|xox[abprs]-[A-Za-z0-9-]{10,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----)/;

export function checkSecret(key: string, value: Piece, path: string, findings: Findings): void {
  if (value.type !== 'scalar' || typeof value.value !== 'string' || value.value.includes('${') || secretNameOf(value.value) !== null) {
    return;
  }
  if (secretValue.test(value.value) || (secretKey.test(key) && value.value !== '')) {
    findings.add({
      code: 'secret_literal',
      severity: 'warning',
      message: `'${key}' looks like a secret, and definitions are stored with every run`,
      span: value.span,
      path,
      fix: 'write `secret:NAME` in the `with` of the step that needs it, and keep the value in an environment variable or a file',
    });
  }
}

/** What is wrong with a text that begins with `secret:`. */
export function referenceProblem(text: string, isInput: boolean): Pick<Finding, 'code' | 'message' | 'fix'> | undefined {
  if (!isInput) {
    return {
      code: 'secret_reference',
      message: 'a secret is handed to a handler only, and nothing else may hold a reference to it',
      fix: 'write it in the `with` of the step that needs it',
    };
  }
  return secretNameOf(text) === null
    ? {
        code: 'secret_reference',
        message: `'${text}' is no reference to a secret`,
        fix: 'write `secret:NAME` as the whole value, with a name of letters, digits and underscores',
      }
    : undefined;
}

/** What is wrong with a text that has something like a reference in it, and where; undefined when there is none. */
export function partialReference(
  text: string,
): (Pick<Finding, 'code' | 'message' | 'fix'> & { readonly from: number; readonly to: number }) | undefined {
  const found = /(?<![\w-])secret:(?:[A-Za-z_]\w*|(?=\$\{))/.exec(text);
  return found === null
    ? undefined
    : {
        code: 'secret_reference',
        message: `'${found[0]}' stands within a text, where nothing is put in for it: a reference is the whole value`,
        fix: 'hand the secret over by itself, as `secret:NAME`, and let the handler put the rest of the text around it',
        from: found.index,
        to: found.index + found[0].length,
      };
}
