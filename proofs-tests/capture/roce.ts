// Finds the RoCEv2 datagrams of a capture, with what IP and UDP say of each.
import { decodeNetwork, type Network, type NetworkReason } from '../../impl/wire/network.ts';
import type { Capture, Frame } from './capture.ts';
import { ipOfFrame, type LinkReason } from './link.ts';

/** A UDP datagram to port 4791. */
export type RoceDatagram = {
  readonly frame: Frame;
  readonly network: Network;
  /** The IP packet, without what the link put behind it. */
  readonly ip: Uint8Array;
  /** UDP payload: BTH to ICRC. View into the file. */
  readonly payload: Uint8Array;
};

/** Why a frame holds no datagram for us; CUT means that the capture kept only its beginning. */
export type SkipReason = LinkReason | NetworkReason | 'CUT';

export type Skipped = { readonly frame: Frame; readonly reason: SkipReason; readonly detail: string };

export type RoceCapture = { readonly datagrams: readonly RoceDatagram[]; readonly skipped: readonly Skipped[] };

/** Sorts the frames of a capture. */
export const roceOf = (capture: Capture): RoceCapture => {
  const datagrams: RoceDatagram[] = [];
  const skipped: Skipped[] = [];
  for (const frame of capture.frames) {
    const found = roceOfFrame(frame);
    if ('payload' in found) datagrams.push(found);
    else skipped.push(found);
  }
  return { datagrams, skipped };
};

const roceOfFrame = (frame: Frame): RoceDatagram | Skipped => {
  const link = ipOfFrame(frame.linkType, frame.bytes);
  if (!link.ok) return { frame, reason: link.reason, detail: link.detail };
  const decoded = decodeNetwork(link.ip);
  if (decoded.ok) {
    const { network, payload } = decoded;
    const end = payload.byteOffset + payload.length - link.ip.byteOffset;
    return { frame, network, ip: link.ip.subarray(0, end), payload };
  }
  const cut = frame.bytes.length < frame.originalLength && decoded.reason === 'IP_LENGTH';
  return { frame, reason: cut ? 'CUT' : decoded.reason, detail: decoded.detail };
};
