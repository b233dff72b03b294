import { onnx } from 'onnx-proto';
import { Reader, type Writer } from 'protobufjs/minimal';

// Their numbers in onnx.proto. onnx-proto is of ONNX 1.10, whose functions have no default values yet.
const FUNCTIONS_OF_MODEL = 25;
const DEFAULTS_OF_FUNCTION = 11;

const LENGTH_DELIMITED = 2;
const tagOf = (field: number) => (field << 3) | LENGTH_DELIMITED;

/**
 * The attributes of each function of a model that have a default value.
 * @param bytes a ModelProto
 */
export function readFunctionDefaults(bytes: Uint8Array): onnx.AttributeProto[][] {
  return messages(bytes, FUNCTIONS_OF_MODEL).map((item) =>
    messages(item, DEFAULTS_OF_FUNCTION).map((attribute) => onnx.AttributeProto.decode(attribute)),
  );
}

/** Goes on writing the ModelProto that a writer holds: its functions, and the defaults of each. */
export function writeFunctions(
  model: Writer,
  functions: readonly { readonly item: onnx.IFunctionProto; readonly defaults: readonly onnx.IAttributeProto[] }[],
): void {
  for (const { item, defaults } of functions) {
    const writer = onnx.FunctionProto.encode(item);
    for (const attribute of defaults) {
      writer.uint32(tagOf(DEFAULTS_OF_FUNCTION)).bytes(onnx.AttributeProto.encode(attribute).finish());
    }
    model.uint32(tagOf(FUNCTIONS_OF_MODEL)).bytes(writer.finish());
  }
}

/** The messages in one field of a message, in order. */
function messages(bytes: Uint8Array, field: number): Uint8Array[] {
  const reader = Reader.create(bytes);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === tagOf(field)) found.push(reader.bytes());
    else reader.skipType(tag & 7);
  }
  return found;
}
