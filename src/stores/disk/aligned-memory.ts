/**
 * What writes past the page cache must be made of: offset, length and memory are multiples of this. No
 * disk in use asks for more.
 */
export const BLOCK_BYTES = 4096;

/**
 * Memory of zeros that begins where a block may begin. Node gives out memory at any address, except
 * for buffers that may be resized: those begin on a page.
 */
export function alignedBuffer(bytes: number): Buffer {
  return Buffer.from(new ArrayBuffer(bytes, { maxByteLength: bytes }), 0, bytes);
}

/** Whether bytes and position are whole blocks, in memory that begins where a block may. */
export function isAligned(bytes: Uint8Array, position: number): boolean {
  const { buffer, byteOffset, length } = bytes;
  const onPage = buffer instanceof ArrayBuffer && buffer.resizable;
  return onPage && byteOffset % BLOCK_BYTES === 0 && isWhole(length) && isWhole(position);
}

/** Whether a file of so many bytes ends with a block. */
export function isWhole(bytes: number): boolean {
  return bytes % BLOCK_BYTES === 0;
}

/** `bytes` and what its last block still takes. */
export function wholeBlocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}
