/** Datagrams as the observer hears them: each is decoded once, and told as the model's once for each stream it may belong to. */
import type { InFlight } from '../../impl/sim/medium.ts';
import type { IpAddress } from '../../impl/wire/address.ts';
import { Decoder } from '../../impl/wire/decode.ts';
import type { Packet as WirePacket } from '../../impl/wire/packet.ts';
import type { Packet } from '../../model/packet.ts';
import type { Frame, Stream } from './frame.ts';
import { packetOf, streamOf } from './packets.ts';

/** A datagram that decodes, from where to where; and as it was told last. */
export type Heard = {
  readonly ok: true;
  readonly packet: WirePacket;
  readonly from: IpAddress;
  readonly to: IpAddress;
  stream: Stream | undefined;
  told: Packet | undefined;
};

/** One that does not, and why. */
export type Noise = { readonly ok: false; readonly reason: string };

export class Hearing {
  readonly #decoder = new Decoder();
  readonly #heard = new Map<Uint8Array, Heard | Noise>();

  /** Copies of a datagram have the same bytes, and bytes stay as they are. */
  of({ bytes, path }: InFlight): Heard | Noise {
    const known = this.#heard.get(bytes);
    if (known !== undefined) return known;
    const decoded = this.#decoder.decode(bytes, path);
    const heard: Heard | Noise = decoded.ok
      ? {
          ok: true,
          packet: { ...decoded.packet },
          from: path.source,
          to: path.destination,
          stream: undefined,
          told: undefined,
        }
      : { ok: false, reason: decoded.reason };
    this.#heard.set(bytes, heard);
    return heard;
  }
}

/** What was heard as the model's packet: who gets it mostly has it in the same stream as who has sent it. */
export const tell = (heard: Heard, frame: Frame, direction: 'in' | 'out'): Packet | undefined => {
  const stream = streamOf(frame, heard.packet, direction);
  if (heard.stream === stream) return heard.told;
  heard.stream = stream;
  heard.told = packetOf(frame, stream, heard.packet, frame.hostOf(heard.from));
  return heard.told;
};
