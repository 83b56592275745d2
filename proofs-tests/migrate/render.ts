// Owns the report of a live migration as text for people.
import type { MigrateReport } from './report.ts';

const count = (value: number): string => Math.round(value).toLocaleString('en-US');

const size = (bytes: number): string =>
  bytes < 10_000
    ? `${count(bytes)} bytes`
    : bytes < 10_000_000
      ? `${count(bytes / 1000)} kB`
      : `${count(bytes / 1e6)} MB`;

const row = (name: string, value: string): string => `  ${name.padEnd(16)}${value}\n`;

const objectLine = ({ kind, count: n, bytes, paper }: MigrateReport['imageObjects'][number]): string => {
  const published = paper === null ? '' : `, TardiS ${paper}`;
  return row('', `${kind.padEnd(12)}${`${n}`.padStart(5)} x ${bytes} bytes at most${published}`);
};

type Phase = keyof MigrateReport['phasesMs'];
const MEMORY: readonly Phase[] = ['seal', 'write', 'read', 'verify'];
const ADDED: readonly Phase[] = ['dump', 'handOver', 'restore', 'resume', 'answers', 'firstCompletion'];

const phases = ({ phasesMs }: MigrateReport, names: readonly Phase[]): string =>
  names.map((name) => `${name} ${phasesMs[name].toFixed(1)}`).join(', ');

const protocolLine = ({ hosts: { source, target } }: MigrateReport): string =>
  `${count(source.tallies.nakStoppedSent ?? 0)} NAK_STOPPED by the source, ${count(target.tallies.resumesSent ?? 0)} resumes by the target`;

/** Several lines, the verdict last. */
export const renderReport = (report: MigrateReport): string =>
  [
    'live migration of an RC connection: source, peer and target as processes on loopback UDP 4791\n',
    row('queue pairs', count(report.qps)),
    row('messages', `${count(report.messages)} (${size(report.bytes)}) in ${report.seconds.toFixed(1)} s`),
    ...(report.rounds === 0 ? [] : [row('one-sided', `${count(report.rounds)} rounds of WRITE, READ and FETCH_ADD`)]),
    row(
      'packets',
      `${count(report.packets)} sent, ${count(report.lost)} dropped on purpose, ${count(report.retransmitted)} sent again`,
    ),
    row(
      'hosts',
      Object.entries(report.hosts)
        .map(([name, { address }]) => `${name} ${address}`)
        .join(', '),
    ),
    row('protocol', protocolLine(report)),
    row('blackout', `${report.blackoutMs.toFixed(1)} ms from stop to the first completion at the target`),
    row('', `memory ${report.memoryMs.toFixed(1)}: ${phases(report, MEMORY)}`),
    row('', `added ${report.addedMs.toFixed(1)}: ${phases(report, ADDED)}`),
    row(
      'processor',
      `${report.processorMs.source.toFixed(1)} ms at the source, ${report.processorMs.target.toFixed(1)} ms at the target`,
    ),
    row('image', `${size(report.imageBytes)}, of which ${size(report.imageMemoryBytes)} registered memory`),
    ...report.imageObjects.map(objectLine),
    row('seed', `${report.seed}`),
    ...report.problems.slice(0, 20).map((problem) => row('problem', problem)),
    report.intact
      ? 'intact: every message arrived once, in order, unharmed; no completion failed'
      : `NOT intact: ${report.problems.length} problems`,
  ].join('');
