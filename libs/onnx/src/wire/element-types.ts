import type { ElementType } from '../graph/ir';

/** ONNX's numbers for element types (TensorProto.DataType). */
const NUMBERS: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

const TYPES = new Map(Object.entries(NUMBERS).map(([type, number]) => [number, type as ElementType]));

/** Names of the types that exist in ONNX but have no counterpart here. */
const OTHERS = new Map([
  [0, 'UNDEFINED'],
  [14, 'COMPLEX64'],
  [15, 'COMPLEX128'],
  [17, 'FLOAT8E4M3FN'],
  [18, 'FLOAT8E4M3FNUZ'],
  [19, 'FLOAT8E5M2'],
  [20, 'FLOAT8E5M2FNUZ'],
  [21, 'UINT4'],
  [22, 'INT4'],
  [23, 'FLOAT4E2M1'],
  [24, 'FLOAT8E8M0'],
]);

/** True for the name of an element type. */
export function isElementType(name: string): name is ElementType {
  return Object.hasOwn(NUMBERS, name);
}

/** ONNX's number of an element type, as the attribute `to` of Cast takes it. */
export function typeNumber(type: ElementType): number {
  return NUMBERS[type];
}

/** The element type of a number; undefined for those without a counterpart here. */
export function elementType(number: number): ElementType | undefined {
  return TYPES.get(number);
}

/** A number's name for messages. */
export function typeName(number: number): string {
  return TYPES.get(number) ?? OTHERS.get(number) ?? `unknown type ${number}`;
}
