// The classic pcap format: both byte orders, microseconds and nanoseconds.
import type { Capture, CaptureProblem, Frame, FrameToWrite } from './capture.ts';

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;

type Flavour = { readonly littleEndian: boolean; readonly nanoseconds: boolean };

const flavourOf = (view: DataView): Flavour | undefined => {
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === MICROSECONDS || magic === NANOSECONDS) return { littleEndian, nanoseconds: magic === NANOSECONDS };
  }
  return undefined;
};

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Whether the file begins as a pcap file does. */
export const isPcap = (file: Uint8Array): boolean => file.length >= 4 && flavourOf(viewOf(file)) !== undefined;

/** Reads a pcap file. Never throws: what cannot be read is the `problem`. */
export const readPcap = (file: Uint8Array): Capture => {
  const fail = (frames: readonly Frame[], offset: number, message: string): Capture => {
    const problem: CaptureProblem = { offset, message };
    return { format: 'pcap', frames, problem };
  };
  if (file.length < FILE_HEADER_BYTES)
    return fail([], file.length, `the file ends in its ${FILE_HEADER_BYTES}-byte header`);
  const view = viewOf(file);
  const flavour = flavourOf(view);
  if (flavour === undefined) return fail([], 0, 'no pcap magic number');
  const { littleEndian, nanoseconds } = flavour;
  const major = view.getUint16(4, littleEndian);
  if (major !== 2) return fail([], 4, `pcap version ${major}, not 2`);
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  const frames: Frame[] = [];
  let at = FILE_HEADER_BYTES;
  while (at < file.length) {
    const number = frames.length + 1;
    if (file.length - at < RECORD_HEADER_BYTES)
      return fail(frames, at, `the file ends in the header of frame ${number}`);
    const start = at + RECORD_HEADER_BYTES;
    const length = view.getUint32(at + 8, littleEndian);
    if (length > file.length - start) {
      return fail(frames, at, `frame ${number} announces ${length} bytes, the file has ${file.length - start} more`);
    }
    const seconds = BigInt(view.getUint32(at, littleEndian));
    const fraction = BigInt(view.getUint32(at + 4, littleEndian));
    frames.push({
      number,
      timestampNs: seconds * 1_000_000_000n + fraction * (nanoseconds ? 1n : 1000n),
      linkType,
      originalLength: view.getUint32(at + 12, littleEndian),
      bytes: file.subarray(start, start + length),
    });
    at = start + length;
  }
  return { format: 'pcap', frames };
};

/** How a pcap file is written; the defaults are what tcpdump writes on today's machines. */
export type PcapOptions = {
  /** LINKTYPE_ number; default 101, raw IP. */
  readonly linkType?: number;
  readonly littleEndian?: boolean;
  readonly nanoseconds?: boolean;
};

/** A pcap file of the frames. */
export const writePcap = (frames: readonly FrameToWrite[], options: PcapOptions = {}): Uint8Array => {
  const { linkType = 101, littleEndian = true, nanoseconds = false } = options;
  const size = frames.reduce((sum, { bytes }) => sum + RECORD_HEADER_BYTES + bytes.length, FILE_HEADER_BYTES);
  const file = new Uint8Array(size);
  const view = viewOf(file);
  view.setUint32(0, nanoseconds ? NANOSECONDS : MICROSECONDS, littleEndian);
  view.setUint16(4, 2, littleEndian);
  view.setUint16(6, 4, littleEndian);
  view.setUint32(16, 0x40000, littleEndian);
  view.setUint32(20, linkType, littleEndian);
  let at = FILE_HEADER_BYTES;
  for (const { timestampNs, bytes } of frames) {
    const fraction = (timestampNs % 1_000_000_000n) / (nanoseconds ? 1n : 1000n);
    view.setUint32(at, Number(timestampNs / 1_000_000_000n), littleEndian);
    view.setUint32(at + 4, Number(fraction), littleEndian);
    view.setUint32(at + 8, bytes.length, littleEndian);
    view.setUint32(at + 12, bytes.length, littleEndian);
    file.set(bytes, at + RECORD_HEADER_BYTES);
    at += RECORD_HEADER_BYTES + bytes.length;
  }
  return file;
};
