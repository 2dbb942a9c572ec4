/**
 * A recorded packet as our agency sends it: numbers are numbers to it, so that 0007 is written 7.
 */
export function withPlainNumbers(packet: Buffer): Buffer {
  const body = packet.toString("latin1", 5).replaceAll(/#0+(\d+)#(?=@|$)/g, "#$1#");
  const header = Buffer.from(packet.subarray(0, 5));
  header.writeUInt32BE(body.length, 1);
  return Buffer.concat([header, Buffer.from(body, "latin1")]);
}
