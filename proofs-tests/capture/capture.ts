// What a capture file holds, whichever format it has.

/** One captured frame. */
export type Frame = {
  /** Ordinal in the file, from 1, as Wireshark counts. */
  readonly number: number;
  /** Nanoseconds since 1970, as far as the file's resolution goes. */
  readonly timestampNs: bigint;
  /** LINKTYPE_ number of the interface. */
  readonly linkType: number;
  /** Bytes of the frame on the wire; more than `bytes.length` if the capture cut it. */
  readonly originalLength: number;
  /** View into the file. */
  readonly bytes: Uint8Array;
};

/** Why a file could not be read to its end, and the byte of the file where that showed. */
export type CaptureProblem = { readonly offset: number; readonly message: string };

/** A capture file's frames, up to the problem if there is one. */
export type Capture = {
  readonly format: 'pcap' | 'pcapng' | 'unknown';
  readonly frames: readonly Frame[];
  readonly problem?: CaptureProblem;
};

/** A problem as a user reads it. */
export const problemText = ({ offset, message }: CaptureProblem): string => `byte ${offset}: ${message}`;

/** A frame to be written. */
export type FrameToWrite = { readonly timestampNs: bigint; readonly bytes: Uint8Array };
