// The pcapng format (draft-ietf-opsawg-pcapng): sections of both byte orders, several interfaces.
import type { Capture, Frame, FrameToWrite } from './capture.ts';

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;
const OPTION_TSRESOL = 9;
const OPTION_TSOFFSET = 14;

type Interface = {
  readonly linkType: number;
  readonly snapLength: number;
  readonly toNs: (ticks: bigint) => bigint;
};

/** A block's body, without type and lengths. */
type Block = { readonly type: number; readonly offset: number; readonly view: DataView; readonly body: Uint8Array };

/** What the bytes break, and where. Never leaves this file. */
class Broken extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Whether the file begins as a pcapng file does. */
export const isPcapng = (file: Uint8Array): boolean => file.length >= 4 && viewOf(file).getUint32(0) === SECTION;

/** Reads a pcapng file. Never throws: what cannot be read is the `problem`. */
export const readPcapng = (file: Uint8Array): Capture => {
  const frames: Frame[] = [];
  try {
    readBlocks(file, frames);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { format: 'pcapng', frames, problem: { offset: error.offset, message: error.message } };
  }
  return { format: 'pcapng', frames };
};

const readBlocks = (file: Uint8Array, frames: Frame[]): void => {
  let littleEndian = true;
  let interfaces: Interface[] = [];
  if (!isPcapng(file)) throw new Broken(0, 'no section header block');
  for (let at = 0; at < file.length; ) {
    if (file.length - at < 12) throw new Broken(at, 'the file ends in the header of a block');
    const view = viewOf(file);
    const isSection = view.getUint32(at) === SECTION;
    if (isSection) {
      littleEndian = byteOrderAt(view, at);
      interfaces = [];
    }
    const block = blockAt(file, at, littleEndian);
    if (!isSection) readBlock(block, littleEndian, interfaces, frames);
    at += block.body.length + 12;
  }
};

const byteOrderAt = (view: DataView, at: number): boolean => {
  if (view.getUint32(at + 8, true) === BYTE_ORDER) return true;
  if (view.getUint32(at + 8, false) === BYTE_ORDER) return false;
  throw new Broken(at + 8, 'a section header without byte-order magic');
};

const blockAt = (file: Uint8Array, at: number, littleEndian: boolean): Block => {
  const view = viewOf(file);
  const type = view.getUint32(at, littleEndian);
  const length = view.getUint32(at + 4, littleEndian);
  if (length < 12 || length % 4 !== 0) throw new Broken(at + 4, `a block of ${length} bytes`);
  if (length > file.length - at) {
    throw new Broken(at, `a block announces ${length} bytes, the file has ${file.length - at} more`);
  }
  const again = view.getUint32(at + length - 4, littleEndian);
  if (again !== length) throw new Broken(at + length - 4, `a block of ${length} bytes ends with the length ${again}`);
  const body = file.subarray(at + 8, at + length - 4);
  return { type, offset: at + 8, view: viewOf(body), body };
};

const readBlock = (block: Block, littleEndian: boolean, interfaces: Interface[], frames: Frame[]): void => {
  switch (block.type) {
    case INTERFACE:
      interfaces.push(readInterface(block, littleEndian));
      return;
    case ENHANCED_PACKET:
    case OBSOLETE_PACKET:
      frames.push(readPacket(block, littleEndian, interfaces, frames.length + 1));
      return;
    case SIMPLE_PACKET:
      frames.push(readSimple(block, littleEndian, interfaces, frames.length + 1));
      return;
    default:
      return;
  }
};

const require = (block: Block, bytes: number, what: string): void => {
  if (block.body.length < bytes)
    throw new Broken(block.offset, `${what} of ${block.body.length} bytes, at least ${bytes}`);
};

const readInterface = (block: Block, littleEndian: boolean): Interface => {
  require(block, 8, 'an interface description');
  const { view, body } = block;
  let ticksPerSecond = 1_000_000n;
  let offsetSeconds = 0n;
  for (let at = 8; at + 4 <= body.length; ) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === 0) break;
    if (at + 4 + length > body.length) throw new Broken(block.offset + at, `option ${code} leaves its block`);
    if (code === OPTION_TSRESOL && length === 1) {
      const resolution = view.getUint8(at + 4);
      ticksPerSecond = (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);
    }
    if (code === OPTION_TSOFFSET && length === 8) offsetSeconds = view.getBigInt64(at + 4, littleEndian);
    at += 4 + ((length + 3) & ~3);
  }
  return {
    linkType: view.getUint16(0, littleEndian),
    snapLength: view.getUint32(4, littleEndian),
    toNs: (ticks) => (ticks * 1_000_000_000n) / ticksPerSecond + offsetSeconds * 1_000_000_000n,
  };
};

const interfaceOf = (block: Block, interfaces: readonly Interface[], id: number): Interface => {
  const found = interfaces[id];
  if (found === undefined) throw new Broken(block.offset, `a packet of interface ${id}, which is not described`);
  return found;
};

const readPacket = (block: Block, littleEndian: boolean, interfaces: readonly Interface[], number: number): Frame => {
  require(block, 20, `frame ${number}`);
  const { view, body } = block;
  const id = block.type === ENHANCED_PACKET ? view.getUint32(0, littleEndian) : view.getUint16(0, littleEndian);
  const { linkType, toNs } = interfaceOf(block, interfaces, id);
  const ticks = (BigInt(view.getUint32(4, littleEndian)) << 32n) | BigInt(view.getUint32(8, littleEndian));
  const length = view.getUint32(12, littleEndian);
  if (length > body.length - 20) {
    throw new Broken(block.offset + 12, `frame ${number} announces ${length} bytes, its block has ${body.length - 20}`);
  }
  return {
    number,
    timestampNs: toNs(ticks),
    linkType,
    originalLength: view.getUint32(16, littleEndian),
    bytes: body.subarray(20, 20 + length),
  };
};

const readSimple = (block: Block, littleEndian: boolean, interfaces: readonly Interface[], number: number): Frame => {
  require(block, 4, `frame ${number}`);
  const { linkType, snapLength } = interfaceOf(block, interfaces, 0);
  const originalLength = block.view.getUint32(0, littleEndian);
  const length = Math.min(originalLength, snapLength === 0 ? originalLength : snapLength);
  if (length > block.body.length - 4) {
    throw new Broken(block.offset, `frame ${number} announces ${length} bytes, its block has ${block.body.length - 4}`);
  }
  return { number, timestampNs: 0n, linkType, originalLength, bytes: block.body.subarray(4, 4 + length) };
};

/** How a pcapng file is written. */
export type PcapngOptions = {
  /** LINKTYPE_ number; default 101, raw IP. */
  readonly linkType?: number;
  readonly littleEndian?: boolean;
};

/** A pcapng file of the frames: one section, one interface, nanoseconds. */
export const writePcapng = (frames: readonly FrameToWrite[], options: PcapngOptions = {}): Uint8Array => {
  const { linkType = 101, littleEndian = true } = options;
  const block = (type: number, bodyBytes: number, fill: (body: DataView, bytes: Uint8Array) => void): Uint8Array => {
    const length = 12 + ((bodyBytes + 3) & ~3);
    const bytes = new Uint8Array(length);
    const view = viewOf(bytes);
    view.setUint32(0, type, littleEndian);
    view.setUint32(4, length, littleEndian);
    view.setUint32(length - 4, length, littleEndian);
    fill(viewOf(bytes.subarray(8)), bytes.subarray(8));
    return bytes;
  };
  const section = block(SECTION, 16, (body) => {
    body.setUint32(0, BYTE_ORDER, littleEndian);
    body.setUint16(4, 1, littleEndian);
    body.setBigInt64(8, -1n, littleEndian);
  });
  const description = block(INTERFACE, 20, (body) => {
    body.setUint16(0, linkType, littleEndian);
    body.setUint32(4, 0x40000, littleEndian);
    body.setUint16(8, OPTION_TSRESOL, littleEndian);
    body.setUint16(10, 1, littleEndian);
    body.setUint8(12, 9);
  });
  const packets = frames.map(({ timestampNs, bytes }) =>
    block(ENHANCED_PACKET, 20 + bytes.length, (body, into) => {
      body.setUint32(4, Number(timestampNs >> 32n), littleEndian);
      body.setUint32(8, Number(timestampNs & 0xffffffffn), littleEndian);
      body.setUint32(12, bytes.length, littleEndian);
      body.setUint32(16, bytes.length, littleEndian);
      into.set(bytes, 20);
    }),
  );
  return Buffer.concat([section, description, ...packets]);
};
