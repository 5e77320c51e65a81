/** Preloaded with `--import` before a program: ends it at the moment that `DIES_AT` says. */

import { dieAt } from './moments.ts';

dieAt(Number(process.env['DIES_AT']));
