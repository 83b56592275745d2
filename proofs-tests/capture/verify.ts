// Judges the wire codec by a capture of other people's packets: decode, encode again, change a bit.
import { readFileSync } from 'node:fs';
import { decodePacket } from '../../impl/wire/decode.ts';
import { encodePacket } from '../../impl/wire/encode.ts';
import { decodeNetwork, encodeNetwork } from '../../impl/wire/network.ts';
import { problemText } from './capture.ts';
import { flipped, isCovered } from './covered.ts';
import { readCapture } from './read.ts';
import { type RoceDatagram, roceOf } from './roce.ts';

/** What is wrong with one packet. */
export type CaptureFinding = { readonly frame: number; readonly message: string };

/** What a capture says about the codec. Everything holds if `findings` is empty and `packets` is not 0. */
export type CaptureVerdict = {
  readonly file: string;
  /** Frames in the file. */
  readonly frames: number;
  /** RoCEv2 datagrams among them. */
  readonly packets: number;
  /** Packets whose ICRC is that of their bytes, IP and UDP headers. */
  readonly icrcRight: number;
  /** Packets that decode without a reason against them; their ICRC is right. */
  readonly decoded: number;
  /** Decoded packets that encode to the same IP packet, ICRC and IP header checksum included. */
  readonly reencoded: number;
  /** Packets with one covered bit changed, and how many of these were refused. */
  readonly mutations: number;
  readonly rejectedMutations: number;
  /** Frames that are no RoCEv2 datagram, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly findings: readonly CaptureFinding[];
};

/** Bits changed in each packet, one at a time. */
const MUTATIONS_PER_PACKET = 4;

/** Whether an IP packet is accepted as a RoCEv2 packet. */
export const isAccepted = (ip: Uint8Array): boolean => {
  const network = decodeNetwork(ip);
  return network.ok && decodePacket(network.payload, network.network.path).ok;
};

/** Covered bits of packet number `n`, spread over packets and their bytes by a fixed hash. */
const bitsToFlip = (ip: Uint8Array, n: number): readonly number[] => {
  const bits: number[] = [];
  for (let k = 0; bits.length < MUTATIONS_PER_PACKET; k++) {
    const bit = (Math.imul(n * MUTATIONS_PER_PACKET + k + 1, 0x9e3779b1) >>> 0) % (ip.length * 8);
    if (isCovered(ip, bit)) bits.push(bit);
  }
  return bits;
};

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

type Judged = {
  readonly icrcRight: boolean;
  readonly decoded: boolean;
  readonly reencoded: boolean;
  readonly mutations: number;
  readonly rejected: number;
  readonly findings: readonly CaptureFinding[];
};

const judge = ({ frame, network, ip, payload }: RoceDatagram, accepts: (ip: Uint8Array) => boolean): Judged => {
  const findings: CaptureFinding[] = [];
  const find = (message: string): void => {
    findings.push({ frame: frame.number, message });
  };
  const decoded = decodePacket(payload, network.path);
  if (!decoded.ok) {
    find(`${decoded.reason}: ${decoded.detail}`);
    const icrcRight = !['TOO_SHORT', 'TOO_LONG', 'UNALIGNED_LENGTH', 'BAD_ICRC'].includes(decoded.reason);
    return { icrcRight, decoded: false, reencoded: false, mutations: 0, rejected: 0, findings };
  }
  const reencoded = sameBytes(encodeNetwork(network, encodePacket(decoded.packet, network.path)), ip);
  if (!reencoded) find('encodes to other bytes');
  const bits = bitsToFlip(ip, frame.number);
  const accepted = bits.filter((bit) => accepts(flipped(ip, bit)));
  for (const bit of accepted) find(`accepted with bit ${bit & 7} of byte ${bit >> 3} changed`);
  return {
    icrcRight: true,
    decoded: true,
    reencoded,
    mutations: bits.length,
    rejected: bits.length - accepted.length,
    findings,
  };
};

/** Judges a capture file's bytes; `file` is the name it is reported under, `accepts` the decoder that meets the changed bits. */
export const verifyCaptureBytes = (file: string, bytes: Uint8Array, accepts = isAccepted): CaptureVerdict => {
  const capture = readCapture(bytes);
  const { datagrams, skipped } = roceOf(capture);
  const judged = datagrams.map((datagram) => judge(datagram, accepts));
  const count = (of: (one: Judged) => number | boolean): number =>
    judged.reduce((sum, one) => sum + Number(of(one)), 0);
  const reasons: Record<string, number> = {};
  for (const { reason } of skipped) reasons[reason] = (reasons[reason] ?? 0) + 1;
  const { problem } = capture;
  const broken = problem === undefined ? [] : [{ frame: capture.frames.length + 1, message: problemText(problem) }];
  return {
    file,
    frames: capture.frames.length,
    packets: datagrams.length,
    icrcRight: count((one) => one.icrcRight),
    decoded: count((one) => one.decoded),
    reencoded: count((one) => one.reencoded),
    mutations: count((one) => one.mutations),
    rejectedMutations: count((one) => one.rejected),
    skipped: reasons,
    findings: [...judged.flatMap(({ findings }) => findings), ...broken],
  };
};

/** Judges a capture file. Throws what reading the file throws. */
export const verifyCapture = (file: string): CaptureVerdict => verifyCaptureBytes(file, readFileSync(file));
