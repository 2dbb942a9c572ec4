/** The bytes in pieces of the sizes given, again and again. */
export function pieces(bytes: Uint8Array, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? bytes.length;
    chunks.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return chunks;
}

/** Every byte by itself. */
export function bytewise(bytes: string | Uint8Array): Buffer[] {
  return Array.from(Buffer.from(bytes as string), (byte) => Buffer.of(byte));
}

/** The bytes cut before each of the given places; those beyond the end are counted from the beginning. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [...cuts, bytes.length].map((cut, index) => bytes.subarray(cuts[index - 1] ?? 0, cut));
}
