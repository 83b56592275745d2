// Owns the record of packets a host has sent: kept in a file as it goes, so that a killed host's record survives it.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { encodeNetwork } from '../../impl/wire/network.ts';
import type { Path } from '../../impl/wire/path.ts';
import type { FrameToWrite } from '../capture/capture.ts';

// Per packet: instant (64 bits, nanoseconds of the monotonic clock), length (32 bits), IP packet.
const HEADER = 12;
const BUFFER = 1 << 20;

/** Appends IP packets to a file. */
export class Recorder {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(BUFFER);
  #used = 0;

  constructor(file: string) {
    this.#fd = openSync(file, 'w');
  }

  add(datagram: Uint8Array, path: Path): void {
    const network = { path, trafficClass: 0, flowLabel: 0, hopLimit: 64, udpChecksum: 0 };
    const packet = encodeNetwork(network, datagram);
    if (this.#used + HEADER + packet.length > BUFFER) this.flush();
    this.#used = this.#buffer.writeBigUInt64LE(process.hrtime.bigint(), this.#used);
    this.#used = this.#buffer.writeUInt32LE(packet.length, this.#used);
    this.#buffer.set(packet, this.#used);
    this.#used += packet.length;
  }

  /** Hands everything to the kernel, from where SIGKILL does not take it back. */
  flush(): void {
    if (this.#used === 0) return;
    writeSync(this.#fd, this.#buffer, 0, this.#used);
    this.#used = 0;
  }

  close(): void {
    this.flush();
    closeSync(this.#fd);
  }
}

/** The packets of a record; `epochNs` is added to their instants. A record cut short by a kill ends at the cut. */
export const readRecord = (file: string, epochNs: bigint): readonly FrameToWrite[] => {
  const bytes = readFileSync(file);
  const frames: FrameToWrite[] = [];
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    const end = at + HEADER + length;
    if (end > bytes.length) break;
    frames.push({ timestampNs: bytes.readBigUInt64LE(at) + epochNs, bytes: bytes.subarray(at + HEADER, end) });
    at = end;
  }
  return frames;
};

/** All records in one, in the order of time. */
export const mergeRecords = (records: readonly (readonly FrameToWrite[])[]): readonly FrameToWrite[] =>
  records.flat().sort((a, b) => (a.timestampNs < b.timestampNs ? -1 : a.timestampNs > b.timestampNs ? 1 : 0));
