/**
 * A program that listens in the server's place: `node impostor.mjs KIND PORT`, where KIND is one of
 * {@link ./stage.ts Impostor}. It is a text, because it has to run in a container that mounts it.
 */
export const IMPOSTOR_SOURCE = `
import { createServer } from "node:net";
const [kind, port] = process.argv.slice(2);
const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => undefined);
  socket.on("data", (data) => {
    if (kind === "silent") return;
    socket.write(kind === "lying" ? "error reading data: " + data : data);
  });
  // The silent one does not even end the connection.
  socket.on("end", () => kind === "silent" || socket.end());
});
server.listen(Number(port), () => console.log("listening"));
process.on("SIGTERM", () => process.exit(0));
`;
