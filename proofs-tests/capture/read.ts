// Reads a capture file of either format.
import type { Capture } from './capture.ts';
import { isPcap, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';

/** The frames of a capture file's bytes. Never throws: a file that is none has the problem at byte 0. */
export const readCapture = (file: Uint8Array): Capture => {
  if (isPcap(file)) return readPcap(file);
  if (isPcapng(file)) return readPcapng(file);
  const problem = { offset: 0, message: file.length < 4 ? 'the file is too short' : 'neither pcap nor pcapng' };
  return { format: 'unknown', frames: [], problem };
};
