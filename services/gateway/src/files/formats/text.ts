import type { ByteSource } from "../byte-source.ts";
import { wrongType } from "./format.ts";

const lookBytes = 512;
/** What a browser or a system would run if somebody took the text for something else. */
const markupOrProgram = /^\s*(<(!doctype|!--|html|head|body|script|svg|iframe|\?xml|\?php)|#!|%PDF-)/i;
const [tab, lineFeed, formFeed, carriageReturn] = [9, 10, 12, 13];

/** Hands on a text in any encoding that extends ASCII; bytes that no text holds are refused. */
export async function* text(source: ByteSource): AsyncGenerator<Buffer> {
  const start = await source.peek(lookBytes);
  if (markupOrProgram.test(start.toString("latin1").replace(/^\u00ef\u00bb\u00bf/, ""))) throw wrongType();
  for (let piece = await source.next(); piece !== undefined; piece = await source.next()) {
    if (piece.some(isControl)) throw wrongType();
    yield piece;
  }
}

function isControl(byte: number): boolean {
  if (byte >= 32) return byte === 127;
  return byte !== tab && byte !== lineFeed && byte !== carriageReturn && byte !== formFeed;
}
