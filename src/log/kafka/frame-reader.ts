// Cuts the bytes of a socket into answers: size int32, then as many bytes. One copy, from the read buffer into the frame.

/** No answer that this client asks for comes near it; what does is not Kafka speaking. */
const LARGEST_FRAME = 256 * 1024 * 1024;

export interface FrameReader {
  /** Takes what one read brought; throws RangeError when it can't be Kafka's protocol. */
  accept(bytes: Uint8Array): void;
}

/** `allocate` gives the memory of each frame (of at least the size asked), `onFrame` gets it when full, without its size. */
export function createFrameReader(
  allocate: (size: number) => Buffer,
  onFrame: (frame: Buffer) => void,
): FrameReader {
  const size = Buffer.alloc(4);
  let sizeBytes = 0;
  let frame: Buffer | null = null;
  let filled = 0;

  const begin = (): void => {
    const length = size.readInt32BE(0);
    if (length < 4 || length > LARGEST_FRAME) throw new RangeError(`an answer of ${length} bytes`);
    frame = allocate(length).subarray(0, length);
    filled = 0;
    sizeBytes = 0;
  };

  return {
    accept(bytes) {
      let at = 0;
      while (at < bytes.length) {
        if (frame === null) {
          size[sizeBytes] = bytes[at] ?? 0;
          at += 1;
          sizeBytes += 1;
          if (sizeBytes === 4) begin();
          continue;
        }
        const part = bytes.subarray(at, at + frame.length - filled);
        frame.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < frame.length) continue;
        const whole = frame;
        frame = null;
        onFrame(whole);
      }
    },
  };
}
