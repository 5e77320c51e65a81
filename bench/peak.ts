/** The most memory that this process has had. */

import { readFileSync } from 'node:fs';

/**
 * In megabytes, also of moments in which nothing else of the process could have looked. Linux is asked by name: the figure
 * of `getrusage` goes along from a process to those that it begins, and theirs could not be told from its own.
 */
export function peakMb(): number {
  if (process.platform !== 'linux') return (process.resourceUsage().maxRSS * 1_024) / 1e6;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return (Number(kilobytes) * 1_024) / 1e6;
}
