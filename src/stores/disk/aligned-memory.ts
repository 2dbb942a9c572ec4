/**
 * Writes past the page cache need offset, length and memory address to be multiples of this. No disk in use
 * needs larger blocks.
 */
export const BLOCK_BYTES = 4096;

/**
 * Zero-filled memory that begins where a block may begin. Node allocates memory at any address, except for
 * buffers that may be resized: these begin on a page.
 */
export function alignedBuffer(bytes: number): Buffer {
  return Buffer.from(new ArrayBuffer(bytes, { maxByteLength: bytes }), 0, bytes);
}

/** Whether the bytes are whole blocks, at a position and in memory where a block may begin. */
export function isAligned(bytes: Uint8Array, position: number): boolean {
  const { buffer, byteOffset, length } = bytes;
  const onPage = buffer instanceof ArrayBuffer && buffer.resizable;
  return onPage && byteOffset % BLOCK_BYTES === 0 && isWhole(length) && isWhole(position);
}

/** Whether a file of this size is made of whole blocks. */
export function isWhole(bytes: number): boolean {
  return bytes % BLOCK_BYTES === 0;
}

/** `bytes`, rounded up to whole blocks. */
export function wholeBlocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}
