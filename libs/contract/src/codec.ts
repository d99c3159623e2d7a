// Encoding and decoding, with code made per message at its first use. protobufjs reads and writes the wire; its own decoder
// would need a second pass to put defaults in, and its encoder takes a Date for a text and 2^31 for -2^31 without a word.
import protobuf from "protobufjs";
import { decodeSource, encodeSource } from "./codec-source.ts";
import { emptyMessage } from "./messages.ts";
import type { Codec, Contract, Message } from "./model.ts";

export type DecodeMessage = (reader: protobuf.Reader, end: number) => object;
export type EncodeMessage = (value: object, writer: protobuf.Writer) => void;
interface Compiled {
  decode: DecodeMessage;
  encode: EncodeMessage;
}

export function createCodecs(contract: Contract): (message: string) => Codec {
  const compiled = new Map<string, Compiled>();
  const codecs = new Map<string, Codec>();
  const compile = (message: Message): Compiled => {
    const known = compiled.get(message.name);
    if (known) return known;
    // Messages never contain themselves, so those inside can be compiled first.
    const nested = message.fields.map(({ kind }) => {
      const inner = "message" in kind ? contract.messages.get(kind.message) : undefined;
      return inner ? compile(inner) : undefined;
    });
    const made: Compiled = {
      decode: new Function("nested", "fault", decodeSource(message))(
        nested.map((inner) => inner?.decode),
        fault,
      ),
      encode: new Function("nested", "fault", encodeSource(message))(
        nested.map((inner) => inner?.encode),
        fault,
      ),
    };
    compiled.set(message.name, made);
    return made;
  };
  return (name) => {
    const known = codecs.get(name);
    if (known) return known;
    const message = contract.messages.get(name);
    if (!message) throw new Error(`no message ${name}`);
    const codec = name === emptyMessage ? emptyCodec : codecOf(compile(message));
    codecs.set(name, codec);
    return codec;
  };
}

const noBytes = Buffer.alloc(0);
/** Whatever a newer version may put into Empty is not for us. */
const emptyCodec: Codec = { encode: () => noBytes, decode: () => ({}) };

function codecOf({ decode, encode }: Compiled): Codec {
  return {
    encode(value) {
      const writer = protobuf.Writer.create();
      encode(value, writer);
      return writer.finish() as Buffer;
    },
    decode(bytes) {
      return decode(protobuf.Reader.create(bytes), bytes.length);
    },
  };
}

/** Called by the made code. Never repeats the value, which may be personal. */
function fault(what: string): never {
  throw new TypeError(what);
}
