/** A `nc -w SECONDS server PORT` for machines without one; `server` is this machine. */
export function sandboxNetcat(port: number): string {
  return `#!${process.execPath}
const { connect } = require("node:net");
const [flag, seconds, host, named] = process.argv.slice(2);
if (flag !== "-w" || host !== "server" || named !== "${port}") {
  console.error("nc: not what was expected:", ...process.argv.slice(2));
  process.exit(1);
}
const socket = connect({ port: ${port}, host: "127.0.0.1", allowHalfOpen: true });
socket.setTimeout(Number(seconds) * 1000, () => socket.destroy());
socket.on("error", () => process.exit(1));
process.stdin.pipe(socket).pipe(process.stdout);
`;
}
