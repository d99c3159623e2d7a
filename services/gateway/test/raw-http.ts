// Requests that no HTTP library would send.
import { connect } from "node:net";

export interface RawAnswer {
  status: number;
  head: string;
  body: string;
}

/** Sends bytes as they are and reads until the connection ends or is quiet. */
export function sendRaw(url: string, text: string, quietMs = 300): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let received = "";
    let quiet: NodeJS.Timeout | undefined;
    const socket = connect(Number(port), hostname, () => socket.write(text, "latin1"));
    const done = () => {
      clearTimeout(quiet);
      socket.destroy();
      const [head = "", body = ""] = received.split("\r\n\r\n", 2);
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body });
    };
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      clearTimeout(quiet);
      quiet = setTimeout(done, quietMs);
    });
    socket.on("end", done);
    socket.on("error", (error) => (received === "" ? reject(error) : done()));
  });
}
